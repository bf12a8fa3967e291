"""Samples: what a generator draws, batch by batch, and how it looks."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from stages.core.errors import UserError
from stages.judging import figures
from stages.judging.figures import Tile
from stages.judging.subject import Subject

SIDE = 10  # images of the grid
SUSPECTS = 12

_AT_ONCE = 256
_LOOK: Any = {"cmap": "gray", "vmin": 0, "vmax": 255}


def draw(subject: Subject, count: int, sampling: Mapping[str, Any]) -> NDArray[np.uint8]:
    """So many images (count, C, H, W) as they would lie on disk; the seed of the run decides them.

    A batch has a seed of its own, whatever the number of samples: the first of many are those of few, as long
    as their batch is full.

    Raises:
        UserError: pixels are not finite, or the images of another shape.
    """
    from tqdm import tqdm

    drawn = np.empty((count, *subject.spec.shape), np.uint8)
    # Without a terminal there is no bar.
    with tqdm(total=count, desc=subject.run, unit="sample", leave=False, disable=None) as bar:
        for number, first in enumerate(range(0, count, _AT_ONCE)):
            size = min(_AT_ONCE, count - first)
            pixels = subject.sample(size, _seed(subject.seed, number), sampling)
            _check(subject, pixels, size)
            drawn[first : first + size] = np.rint(255 * pixels.clip(0, 1))
            bar.update(size)
    return drawn


def grid(x: NDArray[np.uint8]) -> Figure:
    """The first of images (N, C, H, W), unchosen."""
    shown = x[: SIDE**2]
    side = min(SIDE, len(shown))
    rows, gap = -(-len(shown) // side), max(1, x.shape[3] // 14)
    # One picture of all: a hundred axes would take seconds.
    around = ((0, rows * side - len(shown)), (0, 0), (0, gap), (0, gap))
    framed = np.pad(shown, around, constant_values=255)
    channels, height, width = framed.shape[1:]
    cells = framed.reshape(rows, side, channels, height, width).transpose(2, 0, 3, 1, 4)
    canvas = cells.reshape(channels, rows * height, side * width)[:, :-gap, :-gap]
    title = f"The first {len(shown)} of {len(x):,} samples, unchosen"
    return figures.tiles(title, [Tile(figures.pixels(canvas))], columns=1, inches=7, **_LOOK)


def suspects(x: NDArray[np.uint8], nearest: NDArray[np.uint8], distance: NDArray[np.float64]) -> Figure:
    """The images (N, C, H, W) that are nearest to a train image, each above that one."""
    rows = np.argsort(distance, kind="stable")[:SUSPECTS].tolist()
    shown = [Tile(figures.pixels(x[row])) for row in rows]
    shown += [Tile(figures.pixels(nearest[row]), below=f"{distance[row]:.3f}") for row in rows]
    title = f"The {len(rows)} samples nearest to a train image, of {len(x):,}, each above it"
    title += "\nBelow: the root mean square of their difference, pixels in [0, 1]"
    return figures.tiles(title, shown, columns=len(rows), inches=0.85, **_LOOK)


def _seed(seed: int, number: int) -> int:
    """A seed for a batch, of 32 bits: torch, NumPy and scikit-learn all take it."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])


def _check(subject: Subject, pixels: NDArray[Any], size: int) -> None:
    wanted = (size, *subject.spec.shape)
    if pixels.shape != wanted:
        raise UserError(f"{subject.at}: samples must be of shape {wanted}, got {pixels.shape}")
    broken = int((~np.isfinite(pixels).reshape(size, -1)).any(axis=1).sum())
    if broken:
        raise UserError(f"{subject.run}: samples must be finite, got {broken} of {size} that are not")
