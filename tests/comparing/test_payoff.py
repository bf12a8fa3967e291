"""Whether deep learning pays, said by the interval."""

import pytest

from stages.comparing import payoff
from stages.comparing.groups import Group
from tests.compared import ERROR, entry, group, right


def matched(network: int, baseline: int, *, of: int = 100) -> Group:
    return group(entry("net", **right(network, of)), entry("base", kind="baseline", **right(baseline, of)))


@pytest.mark.parametrize(
    ("network", "baseline", "answer"),
    [
        (95, 50, "Deep learning pays here"),
        (55, 50, "Deep learning is ahead here, but not clearly"),
        (50, 50, "Deep learning is level here, but not clearly"),
        (100, 100, "Deep learning is level here, but not clearly"),
        (45, 50, "Deep learning is behind here, but not clearly"),
        (5, 50, "Deep learning does not pay here"),
    ],
)
def test_the_interval_decides_what_is_said(network: int, baseline: int, answer: str) -> None:
    assert payoff.verdict(matched(network, baseline)).startswith(f"**{answer}**: ")


def test_a_difference_that_shows_no_digit_is_a_tie() -> None:
    """4 of 100,000 are 0.004 points, of which 0.00 are written; 6 are 0.006, of which 0.01 are."""
    tie, lead = (payoff.verdict(matched(50_000 + more, 50_000, of=100_000)) for more in (4, 6))
    assert tie.startswith("**Deep learning is level here, but not clearly**")
    assert lead.startswith("**Deep learning is ahead here, but not clearly**")
    assert "0.01 points better" in lead


@pytest.mark.parametrize(("score", "where"), [(0.4, "ahead"), (0.6, "behind")])
def test_without_intervals_nothing_is_called_clear(score: float, where: str) -> None:
    found = group(
        entry("net", mse=score, val_mse=score),
        entry("base", kind="baseline", mse=0.5, val_mse=0.5),
        column=ERROR,
    )
    assert payoff.verdict(found) == (
        f"**Deep learning is {where} here, how clearly cannot be said**: on test the chosen network `net` "
        f"({score:.4f}) is 0.1000 {'better' if where == 'ahead' else 'worse'} in MSE than the chosen "
        "baseline `base` (0.5000); this score has no interval."
    )


def test_a_tie_that_the_interval_calls_clear_is_a_lead_and_one_without_is_no_more_than_level() -> None:
    """.00004 and .00001 show no digit of their own."""
    ours, theirs = {"mse": 0.00004, "val_mse": 0.1}, {"mse": 0.00001, "val_mse": 0.1}
    near = {"mse_low": 0.000035, "mse_high": 0.000045}, {"mse_low": 0.000005, "mse_high": 0.000015}
    pairs = [(ours | near[0], theirs | near[1]), (ours, theirs)]
    clear, unknown = (
        payoff.verdict(group(entry("net", **a), entry("base", kind="baseline", **b), column=ERROR))
        for a, b in pairs
    )
    assert clear.startswith("**Deep learning does not pay here**") and "barely worse in MSE than" in clear
    assert unknown.startswith("**Deep learning is level here, how clearly cannot be said**")
    assert "level in MSE with the chosen" in unknown


def test_what_is_missing_for_a_verdict_is_said() -> None:
    network, baseline = entry("net", **right(5, 9)), entry("base", kind="baseline", **right(5, 9))
    told = "**No verdict**: params.yaml has no {} for classification on digits."
    assert payoff.verdict(group(network)) == told.format("baseline")
    assert payoff.verdict(group(baseline)) == told.format("network")
    assert payoff.verdict(group(network, entry("base", kind="baseline", accuracy=0.5))) == (
        "**No verdict**: no baseline for classification on digits has a validation accuracy and a test "
        "accuracy."
    )
