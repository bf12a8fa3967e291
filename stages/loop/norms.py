"""Gradient norms of each layer: where they vanish, a network does not learn."""

import torch
from torch import Tensor, nn


class Norms:
    """Means over an epoch, measured on every so many batches."""

    def __init__(self, model: nn.Module, *, every: int) -> None:
        self._layers = {
            weight: name.removesuffix(".weight")
            for name, weight in model.named_parameters()
            if weight.ndim > 1
        }
        self._sums: dict[str, Tensor] = {}
        self._seen: dict[str, int] = {}
        self._every = every
        self._turns: dict[nn.Module, int] = {}

    def add(self, part: nn.Module) -> None:
        """Measure the gradients of the part that is about to step."""
        turn = self._turns.get(part, 0)
        self._turns[part] = turn + 1
        if turn % self._every:
            return
        for weight in part.parameters():
            layer = self._layers.get(weight)
            if layer is not None and weight.grad is not None:
                norm = torch.linalg.vector_norm(weight.grad)
                self._sums[layer] = self._sums[layer] + norm if layer in self._sums else norm
                self._seen[layer] = self._seen.get(layer, 0) + 1

    def means(self) -> dict[str, float]:
        """The mean L2 norm of each layer's gradient, in the order of the network."""
        return {
            name: float(self._sums[name]) / self._seen[name]
            for name in self._layers.values()
            if name in self._sums
        }
