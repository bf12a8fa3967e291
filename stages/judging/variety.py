"""How varied samples are: which classes a referee takes them for."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.spec import Images
from stages.judging.columns import Column
from stages.judging.verdict import Judged

ENTROPY = Column(
    "entropy",
    "entropy of the classes",
    "higher",
    ".3f",
    "how evenly samples are spread over the classes, by the referee: 1 is evenly, 0 is all in one",
)


def shares(spec: Images, said: Judged) -> NDArray[np.float64]:
    """What share of the images the referee says each class (K) is."""
    counts = np.bincount(said.beside["chosen"], minlength=len(spec.classes))
    return counts / len(said.y)


def entropy(counts: NDArray[Any]) -> float | None:
    """That of the shares of K classes over that of equal shares, from 0 to 1; None of a single class."""
    if len(counts) < 2:
        return None
    shares = counts[counts > 0] / counts.sum()
    return max(0.0, float(-np.sum(shares * np.log(shares)) / np.log(len(counts))))  # and never -0.0
