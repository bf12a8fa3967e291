"""95 % intervals of scores: how far other test examples of the same kind might have moved them."""

from collections.abc import Callable, Mapping
from math import sqrt
from statistics import NormalDist
from typing import Any, NamedTuple

from numpy.typing import NDArray

LEVEL = 0.95
# So many deviations to either side of its mean hold that part of a normal distribution.
_REACH = NormalDist().inv_cdf((1 + LEVEL) / 2)
_EDGE = 1e-9  # a score nearer to 0 or 1 is taken for so far from it: at the edges an error is 0


class Interval(NamedTuple):
    """From where to where a score may lie."""

    low: float
    high: float


def of_mean(values: NDArray[Any]) -> Interval | None:
    """That of the mean of independent values (N), as if they were normal, by Student's t.

    It is None of values that do not differ, as of a single one: they do not tell how far others might.
    Paper: Student 1908, https://doi.org/10.1093/biomet/6.1.1
    """
    from scipy.special import stdtrit  # scipy.stats, which calls it, takes a third of a second to import

    if values.min() == values.max():
        return None
    n, mean = len(values), float(values.mean())
    reach = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * float(values.std(ddof=1)) / sqrt(n)
    return Interval(mean - reach, mean + reach)


def of_share(hits: int, of: int) -> Interval:
    """That of the share of hits: never beyond 0 and 1, and of some width even there.

    Paper: Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953
    """
    from scipy.stats import binomtest

    found = binomtest(hits, of).proportion_ci(LEVEL, method="wilson")
    return Interval(float(found.low), float(found.high))


def of_score(score: float, error: Callable[[float], float]) -> Interval:
    """That of a score from 0 to 1, of which `error` tells the standard error at any true value.

    It holds the true values that are no further from the score than is usual of themselves: Wilson's idea,
    which is that of `of_share` where the error is that of a share.
    """
    from scipy.optimize import brentq

    inner = min(max(score, _EDGE), 1 - _EDGE)

    def excess(true: float) -> float:
        return abs(inner - true) - _REACH * error(true)

    low, high = float(brentq(excess, 0, inner)), float(brentq(excess, inner, 1))
    return Interval(min(low, score), max(high, score))


def named(metric: str, interval: Interval | None) -> dict[str, float | None]:
    """The bounds as they stand beside their metric; None where there are none."""
    low, high = interval or (None, None)
    return {f"{metric}_low": low, f"{metric}_high": high}


def read(metrics: Mapping[str, float], metric: str) -> Interval | None:
    """What `named` has put among the metrics, from which undefined ones are left out."""
    bounds = [metrics[key] for key in named(metric, None) if key in metrics]
    return Interval(*bounds) if len(bounds) == 2 else None
