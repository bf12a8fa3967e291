"""What weights from elsewhere bring, told beside the same network from scratch."""

import pytest

from stages.comparing import transfer
from stages.comparing.comparison import Entry
from stages.judging.verdict import Column

ACCURACY = Column("accuracy", "accuracy", "higher", ".2%")
ERROR = Column("mse", "MSE", "lower", ".3f")


def entry(name: str, *, start: str = "scratch", twin: str | None = None, **metrics: float) -> Entry:
    return Entry(
        name=name,
        kind="network",
        dataset="few",
        task="any",
        metrics={"parameters": 51.0} | metrics,
        curves=[],
        memory=[],
        start=start,
        twin=twin,
    )


def told(column: Column, *, ours: dict[str, float], theirs: dict[str, float]) -> list[str]:
    both = [entry("plain", twin=None, **theirs), entry("tuned", start="source", twin="plain", **ours)]
    return list(transfer.lines(both, column))


def test_a_gain_beyond_both_errors_is_told_with_its_interval() -> None:
    """0.3 and 0.4 points of error come to 0.5; 1.96 of them are 0.98 points."""
    (line,) = told(
        ACCURACY,
        ours={"accuracy": 0.95, "accuracy_stderr": 0.003},
        theirs={"accuracy": 0.90, "accuracy_stderr": 0.004},
    )
    assert line == (
        "- Start from `source`: `tuned` is 5.00 points of accuracy ahead of `plain`, the same network from "
        "scratch (95 % interval, unpaired: +4.02 points to +5.98 points)."
    )


def test_a_gain_within_them_is_not_clear_and_a_loss_is_one() -> None:
    errors = {"accuracy_stderr": 0.02}
    (gain,) = told(ACCURACY, ours={"accuracy": 0.91} | errors, theirs={"accuracy": 0.90} | errors)
    assert "is 1.00 points of accuracy ahead of" in gain and "which is not clear" in gain
    (loss,) = told(ACCURACY, ours={"accuracy": 0.80} | errors, theirs={"accuracy": 0.90} | errors)
    assert "is 10.00 points of accuracy behind" in loss and "not clear" not in loss


def test_of_an_error_less_is_a_gain_and_without_errors_no_interval_is_made_up() -> None:
    (line,) = told(ERROR, ours={"mse": 0.2}, theirs={"mse": 0.5})
    assert "is 0.300 of MSE ahead of" in line and "these scores have no standard error" in line


@pytest.mark.parametrize("metrics", [{}, {"log_loss": 0.1}])
def test_without_the_metric_nothing_is_said(metrics: dict[str, float]) -> None:
    assert told(ACCURACY, ours=metrics, theirs={"accuracy": 0.9}) == []


def test_who_started_from_scratch_or_has_no_twin_gains_nothing() -> None:
    alone = entry("alone", start="source", twin=None, accuracy=0.9)
    assert list(transfer.lines([alone, entry("plain", twin="alone", accuracy=0.8)], ACCURACY)) == []
