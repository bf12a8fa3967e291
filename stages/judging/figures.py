"""Pictures: one look for all of them, and PNG files that repeat byte for byte."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from stages.core import files

INK, FAINT, GRID, WRONG = "#1f2430", "#8a90a0", "#e6e8ee", "#c8373c"
# Paul Tol's "bright" and "muted" hues: told apart by colour-blind eyes too.
HUES = (
    *("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377"),
    *("#332288", "#999933", "#882255", "#44aa99", "#ddaa33", "#777777"),
)
LONGEST = 14  # characters

_STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.color": INK,
    "text.parse_math": False,  # a class may be called "$"
    "axes.edgecolor": GRID,
    "axes.labelcolor": INK,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "legend.frameon": False,
}


class Tile(NamedTuple):
    """An image (H, W) or (H, W, 3) with a line above and a line below."""

    image: NDArray[Any]
    above: str = ""
    below: str = ""


def blank(width: float, height: float, **options: Any) -> Figure:
    """An empty figure of that many inches in the project's look, whatever the user's own settings."""
    matplotlib.rcdefaults()
    matplotlib.rcParams.update(_STYLE)
    return Figure(figsize=(width, height), dpi=120, layout="constrained", **options)


def label(figure: Figure, text: str) -> None:
    """Write a faint line at the lower right, below all that is drawn."""
    line = figure.legend(
        handles=[], title=text, title_fontsize=8, loc="outside lower right", borderpad=0, borderaxespad=0.2
    )
    line.get_title().set_color(FAINT)


def save(figure: Figure, path: Path) -> None:
    """Write a PNG that says nothing of when and by which version it was drawn."""
    with files.replacing(path) as partial:
        figure.savefig(partial, format="png", metadata={"Software": None})


def tiles(title: str, images: Sequence[Tile], *, columns: int, inches: float, **drawn: Any) -> Figure:
    """Images in rows; `drawn` goes to matplotlib's imshow."""
    rows = -(-len(images) // columns)
    lines = any(tile.above for tile in images) + any(tile.below for tile in images)
    figure = blank(max(columns * inches, 6), rows * (inches + 0.2 * lines) + 0.5)
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold", fontsize=11)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid:
        axes.set_axis_off()
    for axes, tile in zip(grid, images, strict=False):
        axes.imshow(tile.image, interpolation="nearest", **drawn)
        line = {"x": 0.5, "transform": axes.transAxes, "ha": "center", "fontsize": 8}
        axes.text(y=1.02, s=tile.above, va="bottom", color=WRONG, **line)
        axes.text(y=-0.03, s=tile.below, va="top", **line)
    return figure


def short(name: str) -> str:
    """A name cut to what fits a tile."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"


def message(text: str) -> Figure:
    """A figure that says why there is nothing to see."""
    figure = blank(5, 1)
    figure.text(0.5, 0.5, text, ha="center", va="center", fontsize=11)
    return figure


def pixels(image: NDArray[Any]) -> NDArray[Any]:
    """An image (C, H, W) as it is drawn: (H, W), or (H, W, 3) in colour."""
    return image[0] if len(image) == 1 else np.moveaxis(image, 0, -1)
