"""k nearest neighbours (Fix and Hodges, 1951): the classes of the closest train examples vote.

A vote weighs the inverse of its Euclidean distance; a neighbour at distance 0 outvotes all others. Votes are
scaled to sum to k, and `smoothing` more votes are spread evenly over the classes, so that no class has
probability 0: p = (k * share + smoothing / K) / (k + smoothing).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import KNeighborsClassifier

from stages.core.inputs import Arrays
from stages.core.ranges import Count, Positive
from stages.core.spec import Images


class NearestNeighbours:
    """scikit-learn's brute search: exact, one matrix product a batch."""

    def __init__(self, *, classes: int, neighbours: int, smoothing: float) -> None:
        self._classes = classes
        self._neighbours = neighbours
        self._smoothing = smoothing

    def fit(self, train: Arrays, val: Arrays) -> None:
        """Remember images (N, C, H, W); nothing is chosen on `val`."""
        model = KNeighborsClassifier(self._neighbours, weights="distance", algorithm="brute")
        self._model = model.fit(train.x.reshape(len(train.x), -1), train.y)
        self._remembered = train.x.size

    def answer(self, x: NDArray[Any]) -> NDArray[Any]:
        """(N, C, H, W) -> (N, K): log-probabilities."""
        x = x.reshape(len(x), -1)
        votes = np.full((len(x), self._classes), self._smoothing / self._classes)
        votes[:, self._model.classes_] += self._neighbours * self._model.predict_proba(x)
        logs: NDArray[Any] = np.log(votes / (self._neighbours + self._smoothing))
        return logs

    @property
    def parameters(self) -> int:
        """The values it remembers: those of all train inputs."""
        return int(self._remembered)


def build(spec: Images, *, neighbours: Count = 5, smoothing: Positive = 0.1) -> NearestNeighbours:
    """Nearest neighbours for the classes of `spec`.

    Raises:
        ValueError: more neighbours are asked for than there are train examples.
    """
    examples = spec.size("train")
    if neighbours > examples:
        raise ValueError(f"neighbours must be at most the {examples} train examples, got {neighbours}")
    return NearestNeighbours(classes=len(spec.classes), neighbours=neighbours, smoothing=smoothing)
