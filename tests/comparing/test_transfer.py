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
        "- Start from `source`: `tuned` is 20.00 points better in accuracy than `plain`, the same network "
        "from scratch, clearly; 95 % interval: 5.24 points better to 33.39 points better."
    )


def test_a_gain_within_the_interval_is_not_clear_and_a_loss_is_one() -> None:
    (gain,) = told(ACCURACY, ours=right(51, 100), theirs=right(50, 100))
    assert "is 1.00 points better in accuracy than" in gain and "but not clearly" in gain
    (loss,) = told(ACCURACY, ours=right(20, 100), theirs=right(50, 100))
    assert "is 30.00 points worse in accuracy than" in loss and "not clearly" not in loss


def test_equals_are_level_but_not_clearly() -> None:
    (line,) = told(ACCURACY, ours=right(50, 100), theirs=right(50, 100))
    assert "`tuned` is level in accuracy with `plain`, the same" in line
    assert "network from scratch, but not clearly; 95 %" in line


def test_of_an_error_less_is_a_gain_and_without_intervals_none_is_made_up() -> None:
    (line,) = told(ERROR, ours={"mse": 0.2}, theirs={"mse": 0.5})
    assert "is 0.3000 better in MSE than" in line and line.endswith(
        "from scratch, how clearly cannot be said; this score has no interval."
    )


@pytest.mark.parametrize("metrics", [{}, {"log_loss": 0.1}])
def test_without_the_metric_nothing_is_said(metrics: dict[str, float]) -> None:
    assert told(ACCURACY, ours=metrics, theirs={"accuracy": 0.9}) == []


def test_who_started_from_scratch_or_has_no_twin_gains_nothing() -> None:
    alone = entry("alone", start="source", twin=None, accuracy=0.9)
    assert list(transfer.lines([alone, entry("plain", twin="alone", accuracy=0.8)], ACCURACY)) == []
