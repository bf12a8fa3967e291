"""Restored images, drawn: beside their originals, and how their errors are spread."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from stages.core.spec import Images
from stages.judging import figures, restoration, stacked
from stages.judging.anomalies import Found
from stages.judging.stacked import Stack
from stages.judging.verdict import Judged

_ERROR = "mean squared error of an image, pixels in [0, 1]"


def spread(y: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """At most that many examples: the first of each class, then the second of each, and so on."""
    turn = np.empty(len(y), np.int64)
    for k in np.unique(y):
        turn[y == k] = np.arange((y == k).sum())
    return np.lexsort((y, turn))[:most]


def draw_pairs(spec: Images, test: Judged) -> Figure:
    """Some of all classes over their reconstructions, with their errors."""
    rows = spread(test.y, 2 * stacked.COLUMNS)
    errors = restoration.mse(test.x[rows], test.outputs[rows])
    stacks = [
        Stack((test.x[row], test.outputs[row]), (figures.short(spec.classes[test.y[row]]), f"{error:.4f}"))
        for row, error in zip(rows, errors, strict=True)
    ]
    title = (
        f"{len(rows)} of {len(test.y):,} test images over their reconstructions"
        f"\nBelow: the class, and the {_ERROR}"
    )
    return stacked.draw(title, stacks)


def draw_denoised(spec: Images, test: Judged, noisy: Judged) -> Figure:
    """Some of all classes: under noise, what was made of that, and without noise."""
    stacks = [
        Stack(
            (noisy.x[row], noisy.outputs[row], test.x[row]),
            ("", "", figures.short(spec.classes[test.y[row]])),
        )
        for row in spread(test.y, 2 * stacked.COLUMNS)
    ]
    title = (
        f"{len(stacks)} of {len(test.y):,} test images: under noise, what was made of that, and without noise"
    )
    return stacked.draw(title, stacks)


def draw_extremes(spec: Images, test: Judged, found: Found) -> Figure:
    """The images that stand out most, and those that do least, over their reconstructions."""
    falling = np.argsort(-found.scores, kind="stable")
    most = min(stacked.COLUMNS, len(falling) // 2)
    title = f"The {most} most and the {most} least anomalous of {len(falling):,} test images"
    return _draw_found(title, [falling[:most], falling[-most:]], spec, test, found)


def draw_mistakes(spec: Images, test: Judged, found: Found) -> Figure:
    """The normal images that stand out most, and the anomalous ones that do least, in the same way."""
    falling = np.argsort(-found.scores, kind="stable")
    normal, anomalous = (falling[found.anomalous[falling] == side] for side in (False, True))
    most = min(stacked.COLUMNS, len(normal), len(anomalous))
    title = f"The {most} normal test images that stand out most, and {most} anomalous that do least"
    return _draw_found(title, [normal[:most], anomalous[::-1][:most]], spec, test, found)


def _draw_found(
    title: str, rows: Sequence[NDArray[np.int64]], spec: Images, test: Judged, found: Found
) -> Figure:
    """Rows of as many examples each, with their scores, and what is wrong in red."""
    mistakes = np.where(found.alarms == found.anomalous, "", np.where(found.alarms, "false alarm", "missed"))
    stacks = [
        Stack(
            (test.x[row], test.outputs[row]),
            (figures.short(spec.classes[test.y[row]]), f"{found.scores[row]:.4f}"),
            above=str(mistakes[row]),
        )
        for row in np.concatenate(rows)
    ]
    key = f"\nEach over its reconstruction; below: the class, and the {_ERROR}; red: wrong"
    return stacked.draw(title + key, stacks, columns=len(rows[0]))


def draw_errors(
    title: str, errors: Mapping[str, NDArray[np.float64]], *, threshold: float | None = None
) -> Figure:
    """How the errors of sets of images are spread, by the name of the set."""
    figure = figures.blank(6, 3.6)
    axes = figure.subplots()
    edges, shares = restoration.spread(errors)
    for (name, heights), colour in zip(shares.items(), figures.HUES, strict=False):
        label = f"{name} ({len(errors[name]):,})"
        axes.stairs(heights, edges, fill=True, alpha=0.35, color=colour)
        axes.stairs(heights, edges, color=colour, lw=1.4, label=label)
    if threshold is not None:
        axes.axvline(threshold, color=figures.INK, lw=1, ls="--", label="threshold")
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.set(title=title, xlabel=_ERROR, ylabel="share of the images")
    axes.set_xlim(0, max(edges[-1], threshold or 0))
    figure.legend(loc="outside upper right", ncols=3)
    return figure
