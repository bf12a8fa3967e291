"""What the rooms owe each other.

Shape letters, here and everywhere: B batch, C channels, H W image, T time, F horizon,
V vocabulary, D width, K classes, Z latent.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from torch import Tensor, nn

from stages.core.splits import Batch


@dataclass(frozen=True, slots=True)
class Turn:
    """One part's turn to step: the loss it minimises, and what to watch beside it.

    `loss` and every measure are scalars, means over the batch. Losses fall; a measure by which epochs are
    chosen rises.
    """

    part: str
    loss: Tensor
    measures: Mapping[str, Tensor] = field(default_factory=dict)


class Objective(Protocol):
    """What a run minimises."""

    @property
    def measures(self) -> Collection[str]:
        """The names of what its turns measure beside the losses."""

    def parts(self, model: nn.Module) -> dict[str, nn.Module]:
        """The parts of the model that are stepped apart, each with an optimizer of its own.

        Raises:
            ValueError: it is no model for this objective.
        """

    def losses(self, model: nn.Module, batch: Batch) -> Iterator[Turn]:
        """The turns of one batch: the loop steps each part before it asks for the next turn."""


def has(model: nn.Module, *names: str) -> bool:
    """Whether a network has all of that, its modules too: since Python 3.12 no protocol sees these in it."""
    return all(hasattr(model, name) for name in names)


def needs(model: nn.Module, *names: str, by: str) -> None:
    """Hold a network against what an objective calls of it.

    Raises:
        ValueError: it has no such thing.
    """
    if not has(model, *names):
        wanted = " and ".join(names)
        raise ValueError(f"{by} must be given an architecture with {wanted}, got {type(model).__name__}")
