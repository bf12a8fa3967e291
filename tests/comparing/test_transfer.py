"""What weights from elsewhere bring, told beside the same network from scratch."""

import pytest

from stages.comparing import transfer
from stages.judging.columns import Column
from tests.compared import ACCURACY, ERROR, entry, right


def told(column: Column, *, ours: dict[str, float], theirs: dict[str, float]) -> list[str]:
    both = [entry("plain", twin=None, **theirs), entry("tuned", start="source", twin="plain", **ours)]
    return list(transfer.lines(both, column))


def test_a_clear_gain_is_told_with_its_interval() -> None:
    """The example of Newcombe 1998: from 5.24 to 33.39 points."""
    (line,) = told(ACCURACY, ours=right(56, 70), theirs=right(48, 80))
    assert line == (
        "- **Starting from `source` pays here**: on test `tuned` (80.00%) is 20.00 points better in accuracy "
        "than `plain` (60.00%), the same network from scratch. The 95 % interval of the difference, "
        "5.24 points to 33.39 points better, leaves out 0: "
        "which examples are in test hardly explains it alone."
    )


def test_a_gain_within_the_interval_is_no_clear_one_and_a_loss_is_one() -> None:
    (gain,) = told(ACCURACY, ours=right(51, 100), theirs=right(50, 100))
    assert gain.startswith("- **Starting from `source` makes no clear difference here**: ")
    (loss,) = told(ACCURACY, ours=right(20, 100), theirs=right(50, 100))
    assert loss.startswith("- **Starting from `source` does not pay here**: ")


def test_of_an_error_less_is_a_gain() -> None:
    (line,) = told(ERROR, ours={"mse": 0.2}, theirs={"mse": 0.5})
    assert "`tuned` (0.2000) is 0.3000 better in MSE than `plain` (0.5000)" in line


@pytest.mark.parametrize("metrics", [{}, {"log_loss": 0.1}])
def test_without_the_metric_nothing_is_said(metrics: dict[str, float]) -> None:
    assert told(ACCURACY, ours=metrics, theirs={"accuracy": 0.9}) == []


def test_who_started_from_scratch_or_has_no_twin_gains_nothing() -> None:
    alone = entry("alone", start="source", twin=None, accuracy=0.9)
    assert list(transfer.lines([alone, entry("plain", twin="alone", accuracy=0.8)], ACCURACY)) == []
