"""The comparison as a picture: the scores on the test split, and how runs came to them."""

from collections.abc import Sequence

from matplotlib.figure import Figure, SubFigure

from stages.comparing import panels, tables
from stages.comparing.comparison import Entry
from stages.judging import figures
from stages.judging.verdict import Column

COLUMNS = 3  # of panels beside the scores
# Inches: the title of a group, the scores without the names, a letter of these, a score, what stands below
# all scores, and all panels or one.
_TITLE, _SCORES, _LETTER, _SCORE, _AXIS, _ACROSS, _DOWN = 0.4, 2.9, 0.075, 0.28, 0.7, 9.0, 2.4

Group = tuple[str, list[Entry], Column]


def draw(groups: Sequence[Group]) -> Figure:
    """A row for each (title, entries, leading column): test scores, then a panel a measure, and memory."""
    if not groups:
        return figures.message("nothing to compare")
    names = max(len(entry.name) for _, entries, _ in groups for entry in entries)
    left = _SCORES + _LETTER * names
    heights = [_height(entries) for _, entries, _ in groups]
    figure = figures.blank(left + _ACROSS, sum(heights))
    rows = figure.subfigures(len(groups), 1, squeeze=False, height_ratios=heights, hspace=0.03)[:, 0]
    for row, group in zip(rows, groups, strict=True):
        _draw_group(row, group, left)
    return figure


def grid(count: int, height: float) -> tuple[int, int]:
    """Rows and columns of so many panels in so many inches: where these are many, few stand abreast."""
    rows = max(1, -(-count // COLUMNS), min(count, int(height / _DOWN)))
    return rows, max(1, -(-count // rows))


def _height(entries: Sequence[Entry]) -> float:
    rows, _ = grid(_count(entries), 0)
    return _TITLE + max(_DOWN * rows, _SCORE * len(entries) + _AXIS)


def _count(entries: Sequence[Entry]) -> int:
    return len(panels.measures(entries)) + any(entry.memory for entry in entries)


def _draw_group(row: SubFigure, group: Group, left: float) -> None:
    title, entries, column = group
    looks = panels.looks(entries)
    row.suptitle(title, x=0.005, ha="left", fontweight="bold", fontsize=12)
    scores, rest = row.subfigures(1, 2, squeeze=False, width_ratios=[left, _ACROSS])[0]
    panels.draw_scores(scores.subplots(), tables.rank(entries, column), column, looks)
    across = grid(_count(entries), _height(entries) - _TITLE)
    axes = list(rest.subplots(*across, squeeze=False).flat)
    for measure in panels.measures(entries):
        panels.draw_curves(axes.pop(0), entries, measure, looks)
    if any(entry.memory for entry in entries):
        panels.draw_memory(axes.pop(0), entries, looks)
    for unused in axes:
        unused.remove()
