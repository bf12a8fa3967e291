"""Forecasts, drawn: windows of a split with what was said of them, and the errors."""

from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from stages.core.spec import Series
from stages.judging import evenly, figures, naive
from stages.judging.verdict import Judged

WINDOWS = 6
PAST = 24  # steps before a short horizon
BINS = 41
# What lies further out is left out of a histogram, so that its middle can be seen.
SEEN = 0.995
_SAID = figures.HUES[1]
_LINES = {
    "run": ("this run", _SAID),
    "last": ("last value", figures.HUES[3]),
    "seasonal": ("last season", figures.HUES[0]),
}


class Trace(NamedTuple):
    """The first target around one window, in its own units: (steps, values), the last step seen being 0."""

    window: int
    past: tuple[NDArray[Any], NDArray[Any]]
    truth: tuple[NDArray[Any], NDArray[Any]]
    forecast: tuple[NDArray[Any], NDArray[Any]]


def traces(spec: Series, test: Judged, most: int) -> list[Trace]:
    """At most that many windows, spread evenly over a split, with the end of what was seen."""
    windows = evenly.rows(len(test.y), most).tolist()
    seen = min(spec.window, max(2 * spec.horizon, PAST))
    past, ahead = np.arange(1 - seen, 1), np.arange(1, spec.horizon + 1)

    def raw(scaled: NDArray[Any]) -> NDArray[np.float64]:
        return scaled.astype(np.float64) * spec.std[0] + spec.mean[0]

    return [
        Trace(
            window=n + 1,
            past=(past, test.x[n, -seen:, 0]),
            truth=(ahead, raw(test.y[n, :, 0])),
            forecast=(ahead, raw(test.outputs[n, :, 0])),
        )
        for n in windows
    ]


def by_step(spec: Series, test: Judged) -> dict[str, list[float]]:
    """The mean squared error of each step ahead: of the run and of the naive forecasts."""
    said = {"run": test.outputs} | naive.forecasts(spec, test)
    return {
        name: np.square(np.subtract(outputs, test.y, dtype=np.float64)).mean(axis=(0, 2)).tolist()
        for name, outputs in said.items()
    }


def histogram(test: Judged) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The middles of bins of the error (forecast less truth, scaled), and the share of all errors in each."""
    errors = test.outputs - test.y
    reach = float(np.quantile(np.abs(errors), SEEN))
    counts, edges = np.histogram(errors, bins=BINS, range=(-reach, reach))
    return (edges[1:] + edges[:-1]) / 2, counts / errors.size


def draw_windows(spec: Series, test: Judged) -> Figure:
    """Windows of the first target, what came and what was said."""
    shown = traces(spec, test, WINDOWS)
    columns = min(2, len(shown))
    rows = -(-len(shown) // columns)
    figure = figures.blank(4.6 * columns + 0.4, 1.9 * rows + 0.8)
    title = f"{figures.short(spec.columns[0])}: {len(shown)} of {len(test.y):,} test windows"
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold", fontsize=11)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for axes, trace in zip(grid, shown, strict=False):
        (past, seen), (ahead, came), (_, said) = trace.past, trace.truth, trace.forecast
        axes.axvspan(0, ahead[-1], color=figures.GRID, alpha=0.5, lw=0)
        axes.plot(past, seen, color=figures.FAINT, lw=1, label="seen")
        axes.plot([0, *ahead], [seen[-1], *came], color=figures.INK, lw=1.2, label="truth")
        axes.plot([0, *ahead], [seen[-1], *said], color=_SAID, lw=1.6, label="forecast")
        axes.set_title(f"window {trace.window:,}", fontsize=9, fontweight="normal")
        axes.margins(x=0)
    for axes in grid[len(shown) :]:
        axes.set_axis_off()
    figure.supxlabel("steps from the last one seen", fontsize=9, color=figures.INK)
    figure.legend(*grid[0].get_legend_handles_labels(), loc="outside upper right", ncols=3)
    return figure


def draw_errors(spec: Series, test: Judged) -> Figure:
    """How the errors are spread, and how they grow with the steps ahead."""
    figure = figures.blank(9.6, 3.4)
    spread, growth = figure.subplots(1, 2)
    middles, shares = histogram(test)
    spread.bar(middles, shares, width=middles[1] - middles[0], color=_SAID, edgecolor="white", lw=0.4)
    spread.axvline(0, color=figures.INK, lw=1)
    spread.yaxis.set_major_formatter("{x:.0%}")
    title = f"Errors on {len(test.y):,} test windows"
    spread.set(title=title, xlabel="forecast less truth, in train deviations", ylabel="share of all")
    ahead = range(1, spec.horizon + 1)
    for name, errors in by_step(spec, test).items():
        label, colour = _LINES[name]
        growth.plot(ahead, np.sqrt(errors), label=label, color=colour, marker=".", markersize=4)
    growth.set(title="Error by step ahead", xlabel="steps ahead", ylabel="RMSE, in train deviations")
    growth.set_ylim(bottom=0)
    growth.xaxis.get_major_locator().set_params(integer=True)
    figure.legend(loc="outside upper right", ncols=3)
    return figure
