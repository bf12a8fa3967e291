"""Perplexity: exp(log loss), and where a float holds no such number, none."""

from math import exp

from stages.judging.columns import Column
from stages.judging.intervals import Interval

COLUMN = Column(
    "perplexity",
    "perplexity",
    "lower",
    ".2f",
    "exp(log loss): as unsure as a guess among so many words that are equally likely; 1 is perfect",
)


def of(log_loss: float) -> float | None:
    """That of a mean loss in nats; None where it overflows, above 709."""
    try:
        return exp(log_loss)
    except OverflowError:
        return None


def interval(log_loss: Interval | None) -> Interval | None:
    """That around it, from that of the mean loss; None where a bound is undefined."""
    low, high = map(of, log_loss) if log_loss else (None, None)
    return None if low is None or high is None else Interval(low, high)
