"""Images with what belongs to them stacked below, side by side in rows."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from stages.judging import figures
from stages.judging.figures import Tile

COLUMNS = 10
INCHES = 0.9  # from one stack to the next


class Stack(NamedTuple):
    """Images (C, H, W), uint8 or pixels in [0, 1], with a line below each, and above the first one in red."""

    images: Sequence[NDArray[Any]]
    below: Sequence[str]
    above: str = ""


def draw(
    title: str,
    stacks: Sequence[Stack],
    *,
    columns: int = COLUMNS,
    across: int = COLUMNS,
    inches: float = INCHES,
) -> Figure:
    """Stacks of as many images each, so many `columns` to a row, `across` that has room for more of them.

    What is left of it is white: few stacks leave the title room too.
    """
    shown: list[Tile] = []
    for first in range(0, len(stacks), columns):
        row = stacks[first : first + columns]
        empty = [Tile(np.full((1, 1, 3), 255, np.uint8))] * (across - len(row))
        for level in range(len(row[0].images)):
            shown += [*(_tile(stack, level) for stack in row), *empty]
    return figures.tiles(title, shown, columns=across, inches=inches, cmap="gray", vmin=0, vmax=255)


def _tile(stack: Stack, level: int) -> Tile:
    above = "" if level else stack.above
    return Tile(figures.pixels(_bytes(stack.images[level])), above, stack.below[level])


def _bytes(image: NDArray[Any]) -> NDArray[np.uint8]:
    """An image as it would lie on disk."""
    return image if image.dtype == np.uint8 else np.rint(255 * image.clip(0, 1)).astype(np.uint8)
