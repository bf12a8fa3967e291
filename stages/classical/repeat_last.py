"""Repeat the last value: the forecast of a random walk, which any other has to beat."""

from typing import Any

from numpy.typing import NDArray

from stages.core.inputs import Arrays
from stages.core.spec import Series
from stages.judging import naive


class RepeatLast:
    """The last value of each target, at every step ahead."""

    parameters = 0

    def __init__(self, spec: Series) -> None:
        self._spec = spec

    def fit(self, train: Arrays, val: Arrays) -> None:
        """Nothing is learnt."""

    def answer(self, x: NDArray[Any]) -> NDArray[Any]:
        """(N, T, C) -> (N, F, C)"""
        return naive.last(x, self._spec)


def build(spec: Series) -> RepeatLast:
    """The last value for every horizon of `spec`."""
    return RepeatLast(spec)
