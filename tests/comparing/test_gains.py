"""How far a run is ahead, beside what the literature prints."""

import pytest

from stages.comparing import gains
from stages.comparing.gains import Gain
from stages.judging.intervals import Interval
from tests.compared import ACCURACY, ERROR, entry, right


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((10, 10), (0, 20), (0.6791, 1.0)),
        ((10, 10), (0, 10), (0.6075, 1.0)),
    ],
)
def test_differences_of_shares_have_the_intervals_that_newcombe_prints(
    ours: tuple[int, int], theirs: tuple[int, int], expected: tuple[float, float]
) -> None:
    """Newcombe 1998, Interval estimation for the difference between independent proportions, table II, 10."""
    gain = gains.over(entry("a", **right(*ours)), entry("b", **right(*theirs)), ACCURACY)
    assert gain.lead == pytest.approx(ours[0] / ours[1] - theirs[0] / theirs[1])
    assert gain.interval == pytest.approx(expected, abs=5e-5)


def test_normal_intervals_give_the_normal_one_and_less_of_an_error_is_a_lead() -> None:
    """Reaches of 3 and 4 come to 5."""
    ours = entry("a", mse=10.0, mse_low=7.0, mse_high=13.0)
    theirs = entry("b", mse=30.0, mse_low=26.0, mse_high=34.0)
    assert gains.over(ours, theirs, ERROR) == Gain(20.0, Interval(15.0, 25.0))
    assert gains.over(theirs, ours, ERROR) == Gain(-20.0, Interval(-25.0, -15.0))


def test_two_perfect_scores_are_no_certainty() -> None:
    perfect = entry("a", **right(30, 30))
    gain = gains.over(perfect, perfect, ACCURACY)
    assert gain.lead == 0 and gain.interval is not None
    assert -0.2 < gain.interval.low < 0 < gain.interval.high < 0.2


def test_a_score_without_an_interval_makes_none_up() -> None:
    gain = gains.over(entry("a", mse=1.0, mse_low=0.5, mse_high=1.5), entry("b", mse=2.0), ERROR)
    assert gain == Gain(1.0, None)


@pytest.mark.parametrize(
    ("interval", "clear"),
    [
        *(((0.1, 0.2), True), ((-0.2, -0.1), True), ((-0.1, 0.2), False), (None, False)),
        *(((0.0, 0.2), False), ((-0.2, 0.0), False)),
    ],
)
def test_a_gain_is_clear_where_its_interval_leaves_out_0(
    interval: tuple[float, float] | None, clear: bool
) -> None:
    assert Gain(0.1, interval and Interval(*interval)).is_clear is clear


def verdict(gain: Gain) -> str:
    return gains.verdict("Dropout", gain, ACCURACY, ours="`a`", theirs="`b`")


@pytest.mark.parametrize(
    ("lead", "bounds", "answer"),
    [
        (0.02, (0.01, 0.03), "pays here"),
        (0.02, (-0.01, 0.05), "makes no clear difference here"),
        (0.0, (-0.03, 0.03), "makes no clear difference here"),
        (-0.02, (-0.05, 0.01), "makes no clear difference here"),
        (-0.02, (-0.03, -0.01), "does not pay here"),
        (0.02, None, "scores better here, how surely is unknown"),
        (0.0, None, "makes no visible difference here"),
        (-0.02, None, "scores worse here, how surely is unknown"),
    ],
)
def test_only_an_interval_that_leaves_out_0_makes_a_winner(
    lead: float, bounds: tuple[float, float] | None, answer: str
) -> None:
    gain = Gain(lead, bounds and Interval(*bounds))
    assert verdict(gain).startswith(f"**Dropout {answer}**: on test `a` is ")


def test_gains_are_told_in_words_instead_of_signs() -> None:
    assert verdict(Gain(-0.01, Interval(-0.03, 0.01))) == (
        "**Dropout makes no clear difference here**: on test `a` is 1.00 points worse in accuracy than `b`. "
        "The 95 % interval of the difference, 3.00 points worse to 1.00 points better, holds 0: "
        "other test examples might put either ahead."
    )
    for sign, side in ((1, "better"), (-1, "worse")):
        bounds = sorted((sign * 0.01, sign * 0.03))
        assert verdict(Gain(sign * 0.02, Interval(*bounds))).endswith(
            f"`a` is 2.00 points {side} in accuracy than `b`. The 95 % interval of the difference, "
            f"1.00 points to 3.00 points {side}, leaves out 0: "
            "which examples are in test hardly explains it alone."
        )


def test_what_shows_no_digit_is_as_good_or_barely_better_where_it_is_clear() -> None:
    assert "is equal in accuracy to `b`" in verdict(Gain(0.00001, None))
    assert "is barely better in accuracy than `b`" in verdict(Gain(0.00001, Interval(0.000005, 0.00002)))
    assert "difference, next to 0 to 3.00 points better, leaves" in verdict(Gain(0.01, Interval(1e-5, 0.03)))
