"""How right a method is by how long a text is."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from stages.core.spec import PAD
from stages.judging import figures, intervals

BINS = 8


def bins(x: NDArray[Any], right: NDArray[np.bool_]) -> Iterator[tuple[float, int, int]]:
    """For texts (N, T) of about one length: its mean in words, how many they are, and how many are right.

    Each bin holds an eighth of the texts, or more where many are of one length.
    """
    words = (x != PAD).sum(axis=1)
    edges = np.unique(np.quantile(words, np.arange(1, BINS) / BINS))
    bin_of = np.searchsorted(edges, words)
    for number in np.unique(bin_of):
        inside = bin_of == number
        yield float(words[inside].mean()), int(inside.sum()), int(right[inside].sum())


def draw(x: NDArray[Any], right: NDArray[np.bool_], unit: str) -> Figure:
    """Accuracy with its 95 % interval (Wilson) over the length of a text; that of all texts as a line."""
    figure = figures.blank(6, 3.6)
    axes = figure.subplots()
    axes.axhline(right.mean(), color=figures.FAINT, lw=1, ls="--")
    for words, texts, hits in bins(x, right):
        share = hits / texts
        interval = intervals.of_share(hits, texts)
        reach = [[share - interval.low], [interval.high - share]]
        axes.errorbar(words, share, yerr=reach, color=figures.HUES[0], fmt="o", ms=6, lw=1.6)
    axes.set_title(f"Accuracy by length, {len(x):,} test texts")
    axes.set_xlabel(
        f"{unit} of a text, in up to {BINS} bins of about as many texts\n"
        "(lines: 95 % interval; dashed: all texts)"
    )
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    return figure
