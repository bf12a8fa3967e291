"""Which scores show nothing yet."""

import pytest

from stages.comparing import payoff, transfer, trivial
from stages.judging.columns import Column
from tests.compared import ACCURACY, ERROR, entry, group, right

CHANCE = Column("chance", "chance accuracy", None, ".2%", "that of saying the same always")
LAST, SEASONAL = (Column(name, f"MSE {name}", None, ".4f", f"that of {name}") for name in ("last", "season"))
SHARE = ACCURACY._replace(trivial=(CHANCE,))
SQUARES = ERROR._replace(trivial=(LAST, SEASONAL))


@pytest.mark.parametrize(("hits", "expected"), [(20, True), (50, True), (58, True), (62, False), (90, False)])
def test_a_score_whose_interval_holds_chance_or_lies_below_is_trivial(hits: int, expected: bool) -> None:
    """Of 100 the interval reaches about 10 points down."""
    assert trivial.is_trivial(entry("a", chance=0.5, **right(hits, 100)), SHARE) is expected


@pytest.mark.parametrize(
    ("error", "high", "expected"), [(0.5, 0.8, False), (0.5, 1.0, True), (0.5, 1.2, True), (3.0, 4.0, True)]
)
def test_of_an_error_the_upper_bound_must_be_below_all_that_takes_no_learning(
    error: float, high: float, expected: bool
) -> None:
    found = entry("a", mse=error, mse_low=0.0, mse_high=high, last=9.0, season=1.0)
    assert trivial.is_trivial(found, SQUARES) is expected


@pytest.mark.parametrize(("error", "expected"), [(0.99, False), (1.0, True), (1.01, True)])
def test_without_an_interval_the_score_itself_decides(error: float, expected: bool) -> None:
    assert trivial.is_trivial(entry("a", mse=error, last=9.0, season=1.0), SQUARES) is expected
    assert trivial.is_trivial(entry("a", accuracy=1 - error, chance=0.0), SHARE) is expected


def test_nothing_is_trivial_where_no_score_or_no_trivial_one_is_known() -> None:
    assert not trivial.is_trivial(entry("a", chance=0.5), SHARE)
    assert not trivial.is_trivial(entry("a", accuracy=0.1), SHARE)
    assert not trivial.is_trivial(entry("a", accuracy=0.1, chance=0.5), ACCURACY)


def test_a_trivial_run_is_marked_where_its_score_is_told() -> None:
    runs = (
        entry("net", chance=0.5, **right(52, 100)),
        entry("base", kind="baseline", chance=0.5, **right(80, 100)),
    )
    told = payoff.verdict(group(*runs, column=SHARE))
    assert "network `net` (52.00%, trivial) is 28.00 points worse" in told
    assert "baseline `base` (80.00%)." in told


def test_a_trivial_run_pays_nobody_however_far_it_is_ahead() -> None:
    runs = (
        entry("net", chance=0.9, **right(80, 100)),
        entry("base", kind="baseline", chance=0.9, **right(20, 100)),
    )
    told = payoff.verdict(group(*runs, column=SHARE))
    assert told.startswith("**Deep learning is better here, but trivial**: ")
    plain = [one for one in runs if one.metrics.pop("chance")]
    assert payoff.verdict(group(*plain, column=SHARE)).startswith("**Deep learning pays here**: ")


def test_what_a_start_brings_a_trivial_run_is_told_as_such() -> None:
    runs = (
        entry("scratch", chance=0.5, **right(20, 100)),
        entry("tuned", start="scratch_of_others", twin="scratch", chance=0.5, **right(52, 100)),
    )
    (line,) = transfer.lines(runs, SHARE)
    assert line.startswith("- **Starting from `scratch_of_others` is better here, but trivial**: ")
    assert "`tuned` (52.00%, trivial)" in line and "`scratch` (20.00%, trivial)" in line
