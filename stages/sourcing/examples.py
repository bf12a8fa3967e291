"""What a source hands over, in its own order; and what preprocess makes of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from stages.core.spec import Spec
from stages.sourcing.disk import Rows


class Labelled(NamedTuple):
    """Inputs `x` (N, ...) and the index of each one's class, `y` int64 (N).

    Images are uint8 (N, C, H, W), and may lie on disk; texts are str in an array (N) of objects.
    """

    x: Rows
    y: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> "Labelled":
        """The examples of those rows; inputs in memory are copied."""
        return Labelled(self.x[rows], self.y[rows])


@dataclass(frozen=True, slots=True)
class Examples:
    """The labelled examples of a source; `val` and `test` where it brings such splits of its own.

    `reading` is what it made of what it read, as `spec.Facts` has it.
    """

    classes: tuple[str, ...]
    train: Labelled
    test: Labelled | None = None
    val: Labelled | None = None
    reading: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parts(self) -> dict[str, Labelled]:
        """The splits that it brings."""
        given = {"train": self.train, "val": self.val, "test": self.test}
        return {name: part for name, part in given.items() if part is not None}


@dataclass(frozen=True, slots=True)
class Record:
    """What a series source hands over: values float64 (N, C) of `columns`, a step apart, oldest first.

    `borders` are the steps at which an official val, an official test split and the unused rest begin,
    `reading` what was made of what was read, as `spec.Facts` has it.
    """

    columns: tuple[str, ...]
    values: NDArray[np.float64]
    borders: tuple[int, int, int] | None = None
    reading: Mapping[str, Any] = field(default_factory=dict)


Kind = TypeVar("Kind", bound=Spec)


@dataclass(frozen=True, slots=True)
class Encoded(Generic[Kind]):
    """The splits as they go to disk, and what is known of them beside their names and digests.

    `measure` are the facts that all examples are read for: which may be done while these are written.
    """

    kind: type[Kind]
    facts: dict[str, Any]
    splits: Mapping[str, Mapping[str, Rows]]  # split -> tensor -> values
    measure: Callable[[], dict[str, Any]] = dict
