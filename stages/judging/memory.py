"""How far back a network remembers: the gradient of what it says, step by step of its input.

Papers: Hochreiter 1991; Pascanu et al. 2013 (arXiv 1211.5063).
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from stages.core import splits
from stages.modelling import sequences

# Steps that fewer of the examples reach back to are left out: their mean would be noise.
REACHED = 0.1
# Attention keeps T x T numbers of an example for its gradient.
_AT_ONCE = 32


def fading(model: nn.Module, x: Tensor) -> NDArray[np.float64]:
    """How much of the gradient each step holds (T), the last step first: a mean over inputs `x` (N, ...).

    What a network says of an input, its highest logit or the sum of its forecast, has a gradient by the
    vector of each step. Its norm is taken over the mean norm of that input, so that 1 is an equal part,
    however long the input and whatever the scale of the network. Empty where no steps have vectors.
    """
    entry = sequences.entrance(model)
    if entry is None:
        return np.zeros(0)
    sums, reached = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for part in x.tensor_split(splits.parts(len(x), _AT_ONCE)):
        for norms in _norms(model, entry, part):
            if norms.any():
                sums[: len(norms)] += norms[::-1] / norms.mean()
                reached[: len(norms)] += 1
    enough = reached > REACHED * len(x)
    return sums[enough] / reached[enough]


def _norms(model: nn.Module, entry: nn.Module, x: Tensor) -> Iterator[NDArray[np.float64]]:
    """The norms (length) of each input's gradient by the vectors of its steps, padding left out."""
    seen: list[Tensor] = []

    def cut_off(*call: Any) -> Tensor:
        seen.append(call[-1].detach().requires_grad_())
        return seen[-1]

    with torch.enable_grad(), entry.register_forward_hook(cut_off):
        outputs = model(x)
    (vectors,) = seen
    said = outputs.amax(dim=1) if outputs.ndim == 2 else outputs
    (gradient,) = torch.autograd.grad(said.sum(), vectors)
    norms = gradient.double().norm(dim=2)  # (B, T, D) -> (B, T)
    return (row[real].numpy() for row, real in zip(norms, sequences.mask(x), strict=True))
