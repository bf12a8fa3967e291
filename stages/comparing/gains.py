"""How far one run is ahead of another on test, and how that is told."""

from math import hypot
from typing import NamedTuple

from stages.comparing.comparison import Entry
from stages.judging import intervals
from stages.judging.columns import Column
from stages.judging.intervals import Interval


class Gain(NamedTuple):
    """A lead, above 0 where it is one, and its 95 % interval where both scores have theirs."""

    lead: float
    interval: Interval | None

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.interval is not None and (self.interval.low > 0 or self.interval.high < 0)


def over(ours: Entry, theirs: Entry, column: Column) -> Gain:
    """The gain in a metric that both have, the two scores taken for independent.

    Its interval squares and adds how far the bounds of the two are from their scores. Of Wilson intervals it
    is Newcombe's, of normal ones the normal one.
    Papers: Newcombe 1998, method 10 (Statistics in Medicine 17, 873-890); Zou and Donner 2008,
    https://doi.org/10.1002/sim.3095
    """
    more, less = (ours, theirs) if column.better == "higher" else (theirs, ours)
    (a, around_a), (b, around_b) = (
        (entry.metrics[column.metric], intervals.read(entry.metrics, column.metric)) for entry in (more, less)
    )
    if around_a is None or around_b is None:
        return Gain(a - b, None)
    low = a - b - hypot(a - around_a.low, around_b.high - b)
    high = a - b + hypot(around_a.high - a, b - around_b.low)
    return Gain(a - b, Interval(low, high))


def told(gain: Gain, column: Column) -> str:
    """How the first compares with the second, as words between their names."""
    if column.is_tie(gain.lead):
        barely = f"barely {_side(gain.lead)} in {column.title} than"
        return barely if gain.is_clear else f"level in {column.title} with"
    return f"{column.apart(gain.lead)} {_side(gain.lead)} in {column.title} than"


def clearness(gain: Gain) -> str:
    """How sure it is who is ahead, if anyone."""
    if gain.interval is None:
        return "how clearly cannot be said"
    return "clearly" if gain.is_clear else "but not clearly"


def reach(gain: Gain, column: Column) -> str:
    """From where to where the gain may lie."""
    if gain.interval is None:
        return "this score has no interval"
    low, high = (f"{column.apart(bound)} {_side(bound)}" for bound in gain.interval)
    return f"95 % interval: {low} to {high}"


def _side(lead: float) -> str:
    return "better" if lead > 0 else "worse"
