"""Which words a network with attention looks at."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from stages.core.spec import UNKNOWN, Texts
from stages.judging import surest, words
from stages.judging.verdict import Judged
from stages.judging.words import Passage

SHOWN = 6  # texts that are right, and as many that are wrong


def draw(spec: Texts, test: Judged, rows: NDArray[np.int64], weights: NDArray[Any]) -> Figure:
    """The texts `rows` (M), each word as dark as its weight (M, T) is near the largest of its text."""
    chosen = surest.take(test, rows)
    passages, faint = [], spec.vocabulary[UNKNOWN]
    for x, caption, weight in zip(chosen.x, surest.captions(spec, chosen), weights, strict=True):
        text = words.read(x, spec)
        beside = (caption.said, f"true: {caption.true}", f"darkest: {weight.max():.0%}")
        passages.append(Passage(text, beside, caption.wrong, weight[: len(text)], faint))
    title = (
        f"What attention looks at: the surest of {len(test.y):,} test texts, right and wrong "
        "(red: said, but wrong)\n"
        "The darker a word, the larger its share of all attention; beside: that of the darkest"
    )
    return words.draw(title, passages)
