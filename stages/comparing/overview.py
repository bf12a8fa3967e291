"""The comparison as a picture: the scores on the test split, and how runs came to them."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from matplotlib.figure import Figure, SubFigure

from stages.comparing import panels
from stages.comparing.groups import CHOSEN, Group
from stages.comparing.panels import Panel
from stages.judging import figures

COLUMNS = 3  # of panels beside the scores
KEY = f"""\
Left: the score of each run on test, with a line for its 95 % interval where it has one; \
{CHOSEN}: the best network and the best baseline on validation; grey diamond: a baseline.
Right: how networks came to it, each in the colour of the dash behind its name, on validation (solid), \
marked at the epoch whose weights are kept, and train (dashed).
A loss is what training minimises; an epoch is once through all of train.
Memory: how much the answer of a network depends on each step of its input, by the gradient; \
what is far below the mean is as good as forgotten. Marked at the first step."""

# Inches.
_TITLE = 0.4  # of a group
_KEY = 0.85  # above all
_SCORES = 2.9  # across, without the names
_LETTER = 0.075  # of a name
_SCORE = 0.28  # down, each
_AXIS = 0.7  # below all scores
_ACROSS = 9.0  # all panels beside them
_DOWN = 2.4  # one of these


class _Row(NamedTuple):
    """What draws the panels of a group, and how many inches these take below its title."""

    title: str
    scores: Panel
    beside: list[Panel]
    height: float


def draw(groups: Sequence[Group]) -> Figure:
    """A row for each group: test scores, then a panel a measure, and memory."""
    if not groups:
        return figures.message("nothing to compare")
    names = max(len(name) for group in groups for name in panels.labels(group))
    left = _SCORES + _LETTER * names
    rows = [_row(group) for group in groups]
    heights = [_TITLE + row.height for row in rows]
    figure = figures.blank(left + _ACROSS, sum(heights) + _KEY)
    figure.suptitle(KEY, x=0.005, ha="left", fontsize=9.5)
    parts = figure.subfigures(len(rows), 1, squeeze=False, height_ratios=heights, hspace=0.03)[:, 0]
    for part, row in zip(parts, rows, strict=True):
        _draw_row(part, row, left)
    return figure


def grid(count: int, height: float) -> tuple[int, int]:
    """Rows and columns of so many panels in so many inches: where these are many, few stand abreast."""
    rows = max(1, -(-count // COLUMNS), min(count, int(height / _DOWN)))
    return rows, max(1, -(-count // rows))


def _row(group: Group) -> _Row:
    looks = panels.looks(group.entries)
    beside = panels.beside(group.entries, looks)
    down, _ = grid(len(beside), 0)
    return _Row(
        group.title,
        partial(panels.draw_scores, group=group, looks=looks),
        beside,
        max(_DOWN * down, _SCORE * len(group.entries) + _AXIS),
    )


def _draw_row(part: SubFigure, row: _Row, left: float) -> None:
    part.suptitle(row.title, x=0.005, ha="left", fontweight="bold", fontsize=12)
    scores, rest = part.subfigures(1, 2, squeeze=False, width_ratios=[left, _ACROSS])[0]
    row.scores(scores.subplots())
    axes = rest.subplots(*grid(len(row.beside), row.height), squeeze=False).flat
    for panel, one in zip(row.beside, axes, strict=False):
        panel(one)
    for unused in axes[len(row.beside) :]:
        unused.remove()
