"""The comparison as a picture: learning curves, memory, and the scores on the test split."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, NullFormatter

from stages.comparing import tables
from stages.comparing.comparison import Entry
from stages.comparing.gains import NORMAL_95
from stages.judging import figures
from stages.judging.verdict import Column

FORGOTTEN = 1e-6  # of an equal part; lower is not drawn

Group = tuple[str, list[Entry], Column]
Hues = Mapping[str, str]  # network -> colour


def draw(groups: Sequence[Group]) -> Figure:
    """A row for each (title, entries, leading column): a panel a measure, memory, then the test scores.

    A score is a point, with its 95 % interval where it has one: a bar would have to start at 0.
    """
    if not groups:
        return figures.message("nothing to compare")
    panels = max(_panels(entries) for _, entries, _ in groups)
    heights = [max(3.6, 0.45 * len(entries) + 1.5) for _, entries, _ in groups]
    figure = figures.blank(3.6 * panels + 5.2, sum(heights))
    rows = figure.subfigures(len(groups), 1, squeeze=False, height_ratios=heights, hspace=0.04)[:, 0]
    for row, group in zip(rows, groups, strict=True):
        _draw_group(row, group, panels)
    return figure


def _draw_group(row: SubFigure, group: Group, panels: int) -> None:
    title, entries, column = group
    hues = _hues(entries)
    row.suptitle(title, x=0.005, ha="left", fontweight="bold", fontsize=12)
    axes = list(row.subplots(1, panels + 1, squeeze=False, width_ratios=[*[1] * panels, 1.3])[0])
    _draw_scores(axes[-1], tables.rank(entries, column), column, hues)
    for panel, measure in zip(axes, _measures(entries), strict=False):
        _draw_curves(panel, entries, measure, hues)
    if any(entry.memory for entry in entries):
        _draw_memory(axes[len(_measures(entries))], entries, hues)
    for panel in axes[_panels(entries) : -1]:
        panel.set_axis_off()
    lines = [Line2D([], [], color=hue, lw=2, label=name) for name, hue in hues.items()]
    row.legend(handles=lines, loc="outside lower left", ncols=3 * panels)


def _measures(entries: Sequence[Entry]) -> list[str]:
    """What is measured of the validation split, in order of appearance."""
    return list(dict.fromkeys(p.measure for entry in entries for p in entry.curves if p.split == "val"))


def _panels(entries: Sequence[Entry]) -> int:
    return len(_measures(entries)) + any(entry.memory for entry in entries)


def _hues(entries: Sequence[Entry]) -> Hues:
    networks = [entry.name for entry in entries if entry.kind == "network"]
    return {name: figures.HUES[i % len(figures.HUES)] for i, name in enumerate(networks)}


def _draw_curves(axes: Axes, entries: Sequence[Entry], measure: str, hues: Hues) -> None:
    """Validation drawn through, training dashed."""
    for entry in entries:
        for split, style in (("train", {"ls": "--", "lw": 0.9, "alpha": 0.7}), ("val", {"lw": 1.6})):
            points = [(p.epoch, p.value) for p in entry.curves if (p.split, p.measure) == (split, measure)]
            axes.plot(*zip(*points, strict=True) if points else ([], []), color=hues.get(entry.name), **style)
    shown = [p.value for entry in entries for p in entry.curves if p.measure == measure]
    if measure.endswith("loss") and min(shown) > 0:
        _scale_log(axes)
    axes.set_title(measure.replace("_", " "))
    axes.set_xlabel("epoch (solid: validation, dashed: train)")


def _draw_memory(axes: Axes, entries: Sequence[Entry], hues: Hues) -> None:
    axes.axhline(1, color=figures.FAINT, lw=1, ls=":")
    for entry in (entry for entry in entries if entry.memory):
        axes.plot(*zip(*entry.memory, strict=True), color=hues[entry.name], lw=1.6)
    _scale_log(axes)
    axes.set_ylim(bottom=max(axes.get_ylim()[0], FORGOTTEN))
    axes.set_title("memory: gradient of a step (1: equal part)")
    axes.set_xlabel("steps back from the last")


def _scale_log(axes: Axes) -> None:
    axes.set_yscale("log", nonpositive="mask")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def _draw_scores(axes: Axes, ranked: Sequence[Entry], column: Column, hues: Hues) -> None:
    stderr = f"{column.metric}_stderr"
    for row, entry in enumerate(ranked):
        score = entry.metrics.get(column.metric)
        if score is None:
            continue
        reach = NORMAL_95 * entry.metrics.get(stderr, 0.0)
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
    axes.set_title(f"test {column.title}" + (f" ({column.better} is better)" if column.better else ""))
    axes.xaxis.set_major_formatter(lambda value, _: format(value, column.form))
    axes.xaxis.set_major_locator(MaxNLocator(5))
    interval = "; 95 % interval" if any(stderr in entry.metrics for entry in ranked) else ""
    axes.set_xlabel(f"circle: network, diamond: baseline{interval}")
