"""Recurrent cells, and what they are called in ONNX.

torch's exporter unrolls a recurrence to the length of its example; ONNX has operators for any length.
"""

from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor, nn

Cell = Literal["rnn", "lstm", "gru"]

_CELLS: dict[str, Callable[..., nn.Module]] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
# Of each operator: where its gates stand among torch's, and what else it must be told.
_OPERATORS: dict[str, tuple[tuple[int, ...], dict[str, int]]] = {
    "RNN": ((0,), {}),
    "LSTM": ((0, 3, 1, 2), {}),
    "GRU": ((1, 0, 2), {"linear_before_reset": 1}),
}


def layer(cell: Cell, width: int, hidden: int) -> nn.Module:
    """One layer of a cell, in one direction.

    Papers: RNN, Elman 1990; LSTM, Hochreiter and Schmidhuber 1997; GRU, Cho et al. 2014 (arXiv 1406.1078).
    """
    return _CELLS[cell](width, hidden, batch_first=True)


def run(layer: nn.Module, x: Tensor) -> Tensor:
    """The states (B, T, H) of a layer over vectors (B, T, D)."""
    states: Tensor = _operator(layer, x) if torch.onnx.is_in_onnx_export() else layer(x)[0]
    return states


def _operator(layer: Any, x: Tensor) -> Tensor:
    """The operator of ONNX that `layer` is, over inputs (B, T, D)."""
    name = type(layer).__name__
    order, attributes = _OPERATORS[name]

    def gates(weights: Tensor) -> Tensor:
        apart = weights.reshape(len(order), layer.hidden_size, *weights.shape[1:])
        return torch.stack([apart[gate] for gate in order]).flatten(0, 1)[None]

    biases = torch.cat([gates(layer.bias_ih_l0), gates(layer.bias_hh_l0)], dim=1)
    states: Tensor = torch.onnx.ops.symbolic(
        name,
        (x.transpose(0, 1), gates(layer.weight_ih_l0), gates(layer.weight_hh_l0), biases),
        {"hidden_size": layer.hidden_size, **attributes},
        dtype=x.dtype,
        shape=(x.shape[1], 1, x.shape[0], layer.hidden_size),
        version=14,
    )
    return states.squeeze(1).transpose(0, 1)  # (T, 1, B, H) -> (B, T, H)
