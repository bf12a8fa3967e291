"""What of a network is shipped: the parts that are exported, each a file of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from torch import Tensor, nn


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """A part with named inputs and outputs, all free in the batch.

    `given` makes its inputs (B, ...) from standardised examples (B, ...), to prove the file by them.
    `told` says what goes in and what comes out, to those who have the file alone.
    """

    part: nn.Module
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    given: Callable[[Tensor], tuple[Tensor, ...]]
    told: Mapping[str, object]


def takes_examples(model: nn.Module) -> bool:
    """Whether a network answers to standardised examples: a generator is given noise instead."""
    return not isinstance(model, Ships) or any("x" in part.inputs for part in model.shipped().values())


@runtime_checkable
class Ships(Protocol):
    """A network that is shipped in parts; any other is shipped whole."""

    def shipped(self) -> dict[str, Shipped]:
        """The parts by the name of their file."""
