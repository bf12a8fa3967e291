"""Pictures: one look for all of them, and PNG files that repeat byte for byte."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from stages.core import files

INK, FAINT, GRID, WRONG = "#1f2430", "#8a90a0", "#e6e8ee", "#c8373c"
# Hues of Paul Tol's: told apart by colour-blind eyes too, and none of them the grey of what stays behind.
HUES = (
    *("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377"),
    *("#332288", "#999933", "#882255", "#44aa99", "#ddaa33", "#663333"),
)
LONGEST = 14  # characters

# Between tiles, and for a line above or below one: in widths of a tile.
_GAP, _LINE = 0.1, 0.17
_TITLE_LINE = 0.18  # inches: what a title takes for each line beyond its first

_STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.hinting": "none",  # words are as wide as measured
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
    _settle(figure)
    with files.replacing(path) as partial:
        figure.savefig(partial, format="png", metadata={"Software": None})


def _settle(figure: Figure | SubFigure) -> None:
    """Lay a figure out for good, to nine digits of its size.

    What solves for the layout sums in the order of memory addresses: another process, other last digits,
    and a pixel that is rounded otherwise.
    """
    if isinstance(figure, Figure):
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
    else:
        figure.bbox_relative.set_points(figure.bbox_relative.get_points().round(9))
    for axes in figure.get_axes():
        axes.set_position(Bbox(axes.get_position(original=True).get_points().round(9)))
    for inner in figure.subfigs:
        _settle(inner)


def tiles(title: str, images: Sequence[Tile], *, columns: int, inches: float, **drawn: Any) -> Figure:
    """Images in rows; what stands on further lines of the title explains the first.

    `drawn` goes to matplotlib's imshow.
    """
    rows = -(-len(images) // columns)
    above, below = (_LINE * any(lines) for lines in zip(*(tile[1:] for tile in images), strict=True))
    pitch = 1 + _GAP + above + below
    across, down = columns * (1 + _GAP) - _GAP, rows * pitch - _GAP  # in sides of a tile
    width = columns * inches
    head, _, key = title.partition("\n")
    figure = blank(max(width, 6), width / across * down + 0.45 + _TITLE_LINE * title.count("\n"))
    figure.suptitle(head, x=0.04 / figure.get_figwidth(), ha="left", fontweight="bold", fontsize=11)
    axes = figure.subplots()  # one for all: each would take ten milliseconds
    axes.set_title(key, fontweight="normal", fontsize=9)
    for place, tile in enumerate(images):
        row, column = divmod(place, columns)
        _place(axes, tile, column * (1 + _GAP), row * pitch, drawn)
    axes.set(xlim=(0, across), ylim=(down - above, -above), anchor="NW")
    axes.set_axis_off()
    return figure


def _place(axes: Axes, tile: Tile, left: float, top: float, drawn: Mapping[str, Any]) -> None:
    """Draw a tile into the square of side 1 that begins there."""
    height, width = (size / max(tile.image.shape[:2]) for size in tile.image.shape[:2])
    left, top = left + (1 - width) / 2, top + (1 - height) / 2
    axes.imshow(tile.image, extent=(left, left + width, top + height, top), interpolation="nearest", **drawn)
    line = {"x": left + width / 2, "ha": "center", "fontsize": 8}
    axes.text(y=top - 0.02, s=tile.above, va="bottom", color=WRONG, **line)
    axes.text(y=top + height + 0.03, s=tile.below, va="top", **line)


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
