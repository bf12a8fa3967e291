"""Intervals beside those of the literature, and where a score is perfect."""

from functools import partial
from math import sqrt

import numpy as np
import pytest
from scipy import stats

from stages.judging import anomalies, intervals


@pytest.mark.parametrize(
    ("hits", "of", "expected"),
    [
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_shares_have_the_wilson_intervals_that_newcombe_prints(
    hits: int, of: int, expected: tuple[float, float]
) -> None:
    """Newcombe 1998, Two-sided confidence intervals for the single proportion, table I, method 3."""
    assert intervals.of_share(hits, of) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(("hits", "low", "high"), [(0, 0.0, 0.278), (10, 0.722, 1.0)])
def test_all_right_and_all_wrong_are_not_certain_and_never_beyond(hits: int, low: float, high: float) -> None:
    """Of n out of n Wilson's lower bound is n / (n + z^2)."""
    assert intervals.of_share(hits, 10) == pytest.approx((low, high), abs=5e-4)
    assert intervals.of_share(10, 10).low == pytest.approx(10 / (10 + stats.norm.ppf(0.975) ** 2))


@pytest.mark.parametrize("hits", [0, 1, 7, 19, 20])
def test_a_score_with_the_error_of_a_share_has_the_interval_of_a_share(hits: int) -> None:
    found = intervals.of_score(hits / 20, lambda share: sqrt(share * (1 - share) / 20))
    assert found == pytest.approx(intervals.of_share(hits, 20), abs=1e-6)


@pytest.mark.parametrize("area", [0.5, 0.9, 0.99, 1.0])
def test_an_area_stays_between_0_and_1_and_is_never_certain(area: float) -> None:
    low, high = intervals.of_score(area, partial(anomalies.area_error, anomalous=40, normal=60))
    assert 0 < low < area <= high <= 1
    error = anomalies.area_error(low, anomalous=40, normal=60)
    assert area - low == pytest.approx(stats.norm.ppf(0.975) * error, abs=1e-6)


@pytest.mark.parametrize("n", [2, 5, 50])
def test_a_mean_has_the_interval_of_student(n: int) -> None:
    values = np.random.default_rng(0).normal(3, 2, size=n)
    expected = stats.t.interval(0.95, n - 1, loc=values.mean(), scale=stats.sem(values))
    assert intervals.of_mean(values) == pytest.approx(expected)


@pytest.mark.parametrize("n", [2, 5])
def test_of_few_values_too_19_intervals_in_20_hold_the_mean(n: int) -> None:
    draws = np.random.default_rng(0).normal(3, 2, size=(2000, n))
    held = [found.low <= 3 <= found.high for found in map(intervals.of_mean, draws) if found]
    assert len(held) == len(draws) and np.mean(held) == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("n", [1, 2, 3, 10])
def test_values_that_do_not_differ_are_no_certainty(n: int) -> None:
    assert intervals.of_mean(np.full(n, 0.1)) is None


def test_bounds_are_read_as_they_were_written() -> None:
    found = intervals.of_share(3, 4)
    named = intervals.named("accuracy", found)
    assert list(named) == ["accuracy_low", "accuracy_high"]
    assert intervals.read({"accuracy": 0.75, **named}, "accuracy") == found
    assert set(intervals.named("mse", None).values()) == {None}
    assert intervals.read({"mse": 0.5}, "mse") is None
