"""The examples of which a run is surest: those that are right, and those that are wrong."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.core.spec import Labelled
from stages.judging import figures, probabilities
from stages.judging.verdict import Judged


class Caption(NamedTuple):
    """The class that was `said` of an example and how sure, the `true` one, and whether they differ."""

    said: str
    true: str
    wrong: bool


def rows(test: Judged, most: int) -> NDArray[np.int64]:
    """At most so many examples that are right, the surest first, then as many that are wrong."""
    confidence = probabilities.log_softmax(test.outputs).max(axis=1)
    falling = np.argsort(-confidence, kind="stable")
    return np.concatenate([falling[hits[falling]][:most] for hits in (test.right, ~test.right)])


def take(test: Judged, rows: NDArray[np.int64]) -> Judged:
    """Those examples alone."""
    return Judged(test.x[rows], test.y[rows], test.outputs[rows])


def captions(spec: Labelled, said: Judged) -> list[Caption]:
    """A caption for each example."""
    confidence = np.exp(probabilities.log_softmax(said.outputs).max(axis=1))
    names = [figures.short(name) for name in spec.classes]
    return [
        Caption(f"{names[chosen]}, {sure:.0%}", names[true], bool(chosen != true))
        for chosen, true, sure in zip(said.outputs.argmax(axis=1), said.y, confidence, strict=True)
    ]
