"""Which words a network with attention looks at."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from stages.core.spec import UNKNOWN, Texts
from stages.judging import figures, probabilities, words
from stages.judging.verdict import Judged
from stages.judging.words import Passage

SHOWN = 6  # texts that are right, and as many that are wrong


def surest(test: Judged) -> NDArray[np.int64]:
    """The examples that are right and whose class is held most probable, then those that are wrong."""
    confidence = probabilities.log_softmax(test.outputs).max(axis=1)
    right = test.outputs.argmax(axis=1) == test.y
    falling = np.argsort(-confidence, kind="stable")
    return np.concatenate([falling[hits[falling]][:SHOWN] for hits in (right, ~right)])


def draw(spec: Texts, test: Judged, rows: NDArray[np.int64], weights: NDArray[Any]) -> Figure:
    """The texts `rows` (M), each word as dark as its weight (M, T) is near the heaviest of its text."""
    passages, faint = [], spec.vocabulary[UNKNOWN]
    for row, weight in zip(rows, weights, strict=True):
        text = words.read(test.x[row], spec)
        said, true = int(test.outputs[row].argmax()), int(test.y[row])
        confidence = np.exp(probabilities.log_softmax(test.outputs[[row]]).max())
        beside = (
            f"{figures.short(spec.classes[said])}, {confidence:.0%}",
            f"true: {figures.short(spec.classes[true])}",
            f"heaviest: {weight.max():.0%}",
        )
        passages.append(Passage(text, beside, wrong=said != true, weights=weight[: len(text)], faint=faint))
    return words.draw("What attention looks at in the surest texts (red: said, and wrong)", passages)
