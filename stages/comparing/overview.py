"""The comparison as a picture: learning curves, and the scores on the test split."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter

from stages.comparing import tables
from stages.comparing.comparison import Entry
from stages.judging import figures
from stages.judging.verdict import Column

NORMAL_95 = 1.96

Group = tuple[str, list[Entry], Column]


def draw(groups: Sequence[Group]) -> Figure:
    """A row for each (title, entries, leading column): a panel a measure, then the test scores.

    A score is a point with its 95 % interval: a bar would have to start at 0.
    """
    measures = [_measures(entries) for _, entries, _ in groups]
    if not groups:
        return figures.message("nothing to compare")
    panels = max(len(names) for names in measures)
    figure = figures.blank(3.6 * panels + 5.2, 3.6 * len(groups))
    grid = figure.subplots(len(groups), panels + 1, squeeze=False, width_ratios=[*[1] * panels, 1.3])
    for axes, (title, entries, column), names in zip(grid, groups, measures, strict=True):
        hues = _hues(entries)
        for panel in axes[len(names) : -1]:
            panel.set_axis_off()
        for panel, measure in zip(axes, names, strict=False):
            _draw_curves(panel, entries, measure, hues)
            panel.set_title(f"{title}: {measure.replace('_', ' ')}")
        _draw_scores(axes[-1], tables.rank(entries, column), column, hues)
    return figure


def _measures(entries: Sequence[Entry]) -> list[str]:
    """What is measured of the validation split, in order of appearance."""
    return list(dict.fromkeys(p.measure for entry in entries for p in entry.curves if p.split == "val"))


def _hues(entries: Sequence[Entry]) -> Mapping[str, str]:
    networks = [entry.name for entry in entries if entry.kind == "network"]
    return {name: figures.HUES[i % len(figures.HUES)] for i, name in enumerate(networks)}


def _draw_curves(axes: Axes, entries: Sequence[Entry], measure: str, hues: Mapping[str, str]) -> None:
    """Validation drawn through, training dashed."""
    for entry in entries:
        for split, style in (("train", {"ls": "--", "lw": 0.9, "alpha": 0.7}), ("val", {"lw": 1.6})):
            points = [(p.epoch, p.value) for p in entry.curves if (p.split, p.measure) == (split, measure)]
            axes.plot(*zip(*points, strict=True) if points else ([], []), color=hues.get(entry.name), **style)
    if measure.endswith("loss"):
        axes.set_yscale("log", nonpositive="mask")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("epoch (solid: validation, dashed: train)")


def _draw_scores(axes: Axes, ranked: Sequence[Entry], column: Column, hues: Mapping[str, str]) -> None:
    for row, entry in enumerate(ranked):
        score = entry.metrics.get(column.metric)
        if score is None:
            continue
        reach = NORMAL_95 * entry.metrics.get(f"{column.metric}_stderr", 0.0)
        hue = hues.get(entry.name, figures.FAINT)
        axes.errorbar(
            score, row, xerr=reach, color=hue, fmt="o" if entry.kind == "network" else "D", ms=7, lw=2
        )
        axes.annotate(
            format(score, column.form), (score, row), xytext=(0, 7), textcoords="offset points", ha="center"
        )
    axes.set_yticks(range(len(ranked)), [entry.name for entry in ranked])
    axes.set_ylim(len(ranked) - 0.5, -0.7)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0, labelcolor=figures.INK)
    axes.set_title(f"test {column.title}")
    axes.xaxis.set_major_formatter(lambda value, _: format(value, column.form))
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_xlabel("circle: network, diamond: baseline; 95 % interval")
