"""What a network makes of examples on its way, drawn in two dimensions."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from stages.core.spec import Images
from stages.judging import evenly, figures
from stages.judging.verdict import Judged

SHOWN = 3000  # examples: more would hide each other


def pictures(spec: Images, test: Judged) -> dict[str, Figure]:
    """The picture `latents`, by class, with crosses for anomalies; none where nothing is encoded."""
    if "encode" not in test.beside:
        return {}
    rows = evenly.rows(len(test.y), SHOWN)
    points, (across, up) = flat(test.beside["encode"], test.y)
    figure = figures.blank(7.4, 5.4)
    axes = figure.subplots()
    for k, name in enumerate(spec.classes):
        own = points[rows[test.y[rows] == k]]
        marker = "x" if spec.normal and name not in spec.normal else "o"
        hue = figures.HUES[k % len(figures.HUES)]
        axes.scatter(
            own[:, 0], own[:, 1], s=14, lw=0.8, alpha=0.7, color=hue, marker=marker, label=figures.short(name)
        )
    key = " (crosses: anomalous)" if spec.normal else ""
    axes.set(title=f"Latents of {len(rows):,} test images{key}", xlabel=across, ylabel=up)
    if len(spec.classes) <= len(figures.HUES):
        figure.legend(loc="outside right upper", markerscale=1.6)
    return {"latents": figure}


def flat(latents: NDArray[Any], y: NDArray[np.int64]) -> tuple[NDArray[Any], tuple[str, str]]:
    """Points (N, 2) of latents (N, Z), and what the two numbers are.

    Two are kept, of one the class is the other; more are turned so that the two widest directions are seen.
    """
    if latents.shape[1] == 1:
        return np.column_stack([latents, y]), ("latent", "class")
    if latents.shape[1] == 2:
        return latents, ("first latent", "second latent")
    centred = latents - latents.mean(axis=0, dtype=np.float64)
    # By NumPy: scikit-learn's would say the same, and take a second to import.
    variances, directions = np.linalg.eigh(centred.T @ centred)
    points = centred @ directions[:, :-3:-1]
    points *= np.sign(points[np.abs(points).argmax(axis=0), [0, 1]])  # the furthest stands on the right
    shares = variances[:-3:-1] / (variances.sum() or 1.0)
    first, second = (
        f"{place} principal component, {share:.0%} of the variance"
        for place, share in zip(("first", "second"), shares, strict=True)
    )
    return points, (first, second)
