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

    `loss` and every measure are scalars, means over the batch. Losses fall, measures rise:
    whatever is chosen by a measure is chosen by its highest value.
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
        """The parts of the model that are stepped apart, each with an optimizer of its own."""

    def losses(self, model: nn.Module, batch: Batch) -> Iterator[Turn]:
        """The turns of one batch: the loop steps each part before it asks for the next turn."""
