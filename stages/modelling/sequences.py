"""What networks over time share: their input side, masks and pooling, and their head.

Padding stands behind and is never seen: what a network says of a text does not depend on how much follows it.
"""

from math import prod
from typing import Literal

import torch
from torch import Tensor, nn

from stages.core.spec import PAD, UNKNOWN, Series, Texts

Pooling = Literal["last", "mean", "max"]


class WordVectors(nn.Embedding):
    """A vector for each word of a vocabulary, their standard deviation at first `spread`."""

    def __init__(self, vocabulary: int, width: int, *, spread: float = 1.0) -> None:
        super().__init__(vocabulary, width, padding_idx=PAD)
        with torch.no_grad():
            self.weight.mul_(spread)
            # It need not stand in train at all, where it would keep the noise that it begins with.
            self.weight[UNKNOWN] = 0


class Words(nn.Module):
    """The input side of texts: a vector for each word of the vocabulary."""

    def __init__(self, vocabulary: int, width: int, *, spread: float = 1.0) -> None:
        super().__init__()
        self.embedding = WordVectors(vocabulary, width, spread=spread)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors (B, T, D) of word numbers (B, T), and their mask (B, T)."""
        return self.embedding(x), mask(x)


class Steps(nn.Module):
    """The input side of series: a linear map of the columns."""

    def __init__(self, columns: int, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(columns, width)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors (B, T, D) of steps (B, T, C), and their mask (B, T)."""
        return self.linear(x), mask(x)


def mask(x: Tensor) -> Tensor:
    """Where (B, T) a word of texts (B, T) stands, and not padding; of series (B, T, C) true everywhere."""
    return x != PAD if x.ndim == 2 else torch.ones_like(x[..., 0], dtype=torch.bool)


def entry(spec: Texts | Series, width: int, *, spread: float = 1.0) -> nn.Module:
    """The input side that a network over `spec` has.

    Args:
        spread: the standard deviation of the first word vectors; short ones suit a large vocabulary, whose
            rare words hardly learn.

    Raises:
        ValueError: a series is given a spread.
    """
    if isinstance(spec, Texts):
        return Words(len(spec.vocabulary), width, spread=spread)
    if spread != 1:
        raise ValueError(f"spread must be 1 for series, which have no words, got {spread}")
    return Steps(len(spec.columns), width)


def entrance(network: nn.Module) -> nn.Module | None:
    """The module that gives the steps of an input their vectors (B, T, D); None where a network sees none."""
    sides = (part for part in network.modules() if isinstance(part, WordVectors | Steps))
    side = next(sides, None)
    return side.linear if isinstance(side, Steps) else side


def is_any_length(network: nn.Module) -> bool:
    """Whether a network takes inputs of any length: one that sees steps does."""
    return entrance(network) is not None


class Head(nn.Module):
    """A linear map to what a network says of one input: logits (K), or a forecast (F, C)."""

    def __init__(self, width: int, outputs: tuple[int, ...]) -> None:
        super().__init__()
        self.linear = nn.Linear(width, prod(outputs))
        self._outputs = outputs

    def forward(self, pooled: Tensor) -> Tensor:
        flat: Tensor = self.linear(pooled)
        return flat.reshape(-1, *self._outputs)  # (B, D) -> (B, K) or (B, F, C)


class Relative(nn.Module):
    """A forecaster that sees each window less its last step, which its forecast is given back.

    So it is blind to the level, which drifts. Paper: Zeng et al. 2022 (arXiv 2205.13504), NLinear.
    """

    def __init__(self, forecaster: nn.Module, targets: int) -> None:
        super().__init__()
        self.forecaster = forecaster
        self._targets = targets

    def forward(self, x: Tensor) -> Tensor:
        last = x[:, -1:]  # (B, T, C) -> (B, 1, C)
        forecast: Tensor = self.forecaster(x - last)
        return forecast + last[..., : self._targets]


def relative(network: nn.Module, spec: Texts | Series, *, wanted: bool) -> nn.Module:
    """`network`, made relative to the last step where that is wanted.

    Raises:
        ValueError: texts have no last value.
    """
    if not wanted:
        return network
    if isinstance(spec, Texts):
        raise ValueError("relative must be false for texts, got true")
    return Relative(network, spec.targets)


def lengths(mask: Tensor) -> Tensor:
    """How many steps (B) of a mask (B, T) are true."""
    return mask.sum(dim=1)


def mean(states: Tensor, mask: Tensor) -> Tensor:
    """The mean (B, D) of the states (B, T, D) under a mask; zero where it covers none."""
    kept = states * mask[..., None]
    return kept.sum(dim=1) / lengths(mask).clamp(min=1)[:, None]


def maximum(states: Tensor, mask: Tensor) -> Tensor:
    """The largest (B, D) of the states (B, T, D) under a mask."""
    return states.masked_fill(~mask[..., None], torch.finfo(states.dtype).min).amax(dim=1)


def at(states: Tensor, step: Tensor) -> Tensor:
    """The state (B, D) at one step (B) of each of the states (B, T, D)."""
    index = step[:, None, None].expand(-1, 1, states.shape[2])
    return states.gather(1, index).squeeze(1)
