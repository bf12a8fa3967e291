"""The panels of the comparison: scores, learning curves, and memory."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from stages.comparing.comparison import Entry
from stages.comparing.groups import CHOSEN, Group
from stages.judging import figures, intervals

FORGOTTEN = 1e-6  # of an equal part; lower is not drawn
MARKERS = "osv^P"  # one after the other, when all hues are taken
# Measures whose names do not say it.
_SPELT = {"elbo_loss": "negative evidence lower bound", "kl": "KL divergence of latents"}


class Look(NamedTuple):
    """How a run is drawn, in every panel."""

    color: str
    marker: str


BASELINE = Look(figures.FAINT, "D")

Looks = Mapping[str, Look]  # run -> look
Panel = Callable[[Axes], None]


def looks(entries: Sequence[Entry]) -> Looks:
    """A look for each network, all baselines alike."""
    networks = [entry.name for entry in entries if entry.kind == "network"]
    hues, markers = figures.HUES, MARKERS
    own = {
        name: Look(hues[i % len(hues)], markers[i // len(hues) % len(markers)])
        for i, name in enumerate(networks)
    }
    return {entry.name: own.get(entry.name, BASELINE) for entry in entries}


def beside(entries: Sequence[Entry], looks: Looks) -> list[Panel]:
    """What draws each panel beside the scores: one a measure of the validation split, and memory if any."""
    measured = dict.fromkeys(p.measure for entry in entries for p in entry.curves if p.split == "val")
    curves = [partial(draw_curves, entries=entries, measure=one, looks=looks) for one in measured]
    memory = [partial(draw_memory, entries=entries, looks=looks)] if any(e.memory for e in entries) else []
    return [*curves, *memory]


def labels(group: Group) -> list[str]:
    """The names of all, best on test first, with a mark beside those that validation chose."""
    chosen = group.chosen.values()
    return [f"{entry.name} {CHOSEN}" if entry in chosen else entry.name for entry in group.ranked]


def draw_scores(axes: Axes, group: Group, looks: Looks) -> None:
    """A point for each score, with its 95 % interval where it has one: a bar would have to start at 0.

    The names are the legend of all panels: beside each stands its colour, whether it has a score or not.
    """
    ranked, column = group.ranked, group.leading
    axes.set_yticks(range(len(ranked)), labels(group))
    axes.set_ylim(len(ranked) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=10, width=3, pad=5, labelcolor=figures.INK)
    place: Any = {"xycoords": axes.get_yaxis_transform(), "textcoords": "offset points"}
    for row, (entry, tick) in enumerate(zip(ranked, axes.yaxis.get_major_ticks(), strict=True)):
        look, score = looks[entry.name], entry.metrics.get(column.metric)
        tick.tick1line.set_markeredgecolor(look.color)
        if score is None:
            continue
        low, high = intervals.read(entry.metrics, column.metric) or (score, score)
        reach = [[score - low], [high - score]]
        axes.errorbar(score, row, xerr=reach, color=look.color, fmt=look.marker, ms=6, lw=2)
        axes.annotate(column.told(score), (1, row), xytext=(6, 0), va="center", **place)
    axes.set_title(f"test {column.title}" + (f" ({column.better} is better)" if column.better else ""))
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(lambda value, _: column.told(value))
    if column.better == "lower":
        _scale(axes, "x", [e.metrics[column.metric] for e in ranked if column.metric in e.metrics])
    keys = {
        "grey diamond: baseline": any(looks[entry.name] == BASELINE for entry in ranked),
        "line: 95 % interval": any(intervals.read(entry.metrics, column.metric) for entry in ranked),
    }
    axes.set_xlabel("; ".join(key for key, is_drawn in keys.items() if is_drawn))


def draw_curves(axes: Axes, entries: Sequence[Entry], measure: str, looks: Looks) -> None:
    """Validation drawn through, with a marker at the epoch that is kept, training dashed."""
    for entry in entries:
        color, marker = looks[entry.name]
        styles: dict[str, dict[str, Any]] = {
            "train": {"ls": "--", "lw": 0.9, "alpha": 0.7},
            "val": {"lw": 1.6, "marker": marker, "ms": 4},
        }
        for split, style in styles.items():
            points = [p for p in entry.curves if (p.split, p.measure) == (split, measure)]
            if points:
                kept = [place for place, p in enumerate(points) if p.kept]
                line = zip(*((p.epoch, p.value) for p in points), strict=True)
                axes.plot(*line, color=color, markevery=kept, **style)
    shown = [p.value for entry in entries for p in entry.curves if p.measure == measure]
    by_decades = measure.endswith("loss") and _scale(axes, "y", shown)
    axes.set_title(_SPELT.get(measure, measure.replace("_", " ")) + " (log scale)" * by_decades)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.set_xlabel("epoch (solid: validation, dashed: train)")


def draw_memory(axes: Axes, entries: Sequence[Entry], looks: Looks) -> None:
    """How much of the gradient each step of the input holds, 1 where all hold the same."""
    axes.axhline(1, color=figures.FAINT, lw=1, ls=":")
    for entry in (entry for entry in entries if entry.memory):
        color, marker = looks[entry.name]
        axes.plot(*zip(*entry.memory, strict=True), color=color, lw=1.6, marker=marker, ms=4, markevery=[-1])
    _scale(axes, "y", [max(step.gradient, FORGOTTEN) for entry in entries for step in entry.memory])
    axes.set_ylim(bottom=max(axes.get_ylim()[0], FORGOTTEN))
    axes.set_title("memory: gradient by step")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.set_xlabel("steps back from the last (dotted: mean)")
    axes.set_ylabel("gradient over its mean")


def _scale(axes: Axes, which: Literal["x", "y"], values: Collection[float]) -> bool:
    """Let an axis go by decades where all `values` are positive and span more than one, and say whether."""
    if not (values and 0 < min(values) < max(values) / 10):
        return False
    axes.set(**{f"{which}scale": "log"})
    axis, few = axes.xaxis if which == "x" else axes.yaxis, max(values) < 100 * min(values)
    axis.set_major_locator(LogLocator(subs=(1, 3) if few else (1,)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_locator(NullLocator())
    return True
