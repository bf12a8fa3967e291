"""Seasonal naive: the last season once more, and again until the horizon ends."""

from typing import Any

from numpy.typing import NDArray

from stages.core.inputs import Arrays
from stages.core.spec import Series
from stages.judging import naive


class SeasonalNaive:
    """What each target was whole periods earlier, in the last of them that is known."""

    parameters = 0

    def __init__(self, spec: Series) -> None:
        self._spec = spec

    def fit(self, train: Arrays, val: Arrays) -> None:
        """Nothing is learnt."""

    def answer(self, x: NDArray[Any]) -> NDArray[Any]:
        """(N, T, C) -> (N, F, C)"""
        return naive.seasonal(x, self._spec)


def build(spec: Series) -> SeasonalNaive:
    """The last period for every horizon of `spec`."""
    return SeasonalNaive(spec)
