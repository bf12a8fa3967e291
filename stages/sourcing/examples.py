"""What a source hands over: all its labelled images, in memory, in its own order."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Labelled(NamedTuple):
    """Images `x` uint8 (N, C, H, W) and the index of each one's class, `y` int64 (N)."""

    x: NDArray[np.uint8]
    y: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> "Labelled":
        """The examples of those rows, copied."""
        return Labelled(self.x[rows], self.y[rows])


@dataclass(frozen=True, slots=True)
class Examples:
    """The examples of a source; `test` where it brings an official test split."""

    classes: tuple[str, ...]
    train: Labelled
    test: Labelled | None = None
