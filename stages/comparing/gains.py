"""How far one run is ahead of another on test, and how that is told."""

from math import hypot
from typing import NamedTuple

from stages.comparing import trivial
from stages.comparing.comparison import Entry
from stages.judging import intervals
from stages.judging.columns import Column
from stages.judging.intervals import Interval


class Gain(NamedTuple):
    """A lead, above 0 where it is one, and its 95 % interval where both scores have theirs.

    It `is_trivial` where the score that it leads to is.
    """

    lead: float
    interval: Interval | None
    is_trivial: bool = False

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
    marked = trivial.is_trivial(ours, column)
    more, less = (ours, theirs) if column.better == "higher" else (theirs, ours)
    (a, around_a), (b, around_b) = (
        (entry.metrics[column.metric], intervals.read(entry.metrics, column.metric)) for entry in (more, less)
    )
    if around_a is None or around_b is None:
        return Gain(a - b, None, marked)
    low = a - b - hypot(a - around_a.low, around_b.high - b)
    high = a - b + hypot(around_a.high - a, b - around_b.low)
    return Gain(a - b, Interval(low, high), marked)


def verdict(what: str, gain: Gain, column: Column, *, ours: str, theirs: str) -> str:
    """What the gain of `ours` says of `what`, which `theirs` lack: who is ahead, and how surely."""
    answer, told, reach = (tell(gain, column) for tell in (_answer, _told, _reach))
    return f"**{what} {answer}**: on test {ours} is {told} {theirs}. {reach}"


def is_ahead(gain: Gain, column: Column) -> bool:
    """Whether it is a lead that its interval calls clear, or of which a digit is written."""
    return gain.lead > 0 and (gain.is_clear or not column.is_tie(gain.lead))


def scored(entry: Entry, column: Column) -> str:
    """The name of an entry and its score, marked where that is trivial."""
    mark = f", {trivial.MARK}" if trivial.is_trivial(entry, column) else ""
    return f"`{entry.name}` ({column.told(entry.metrics[column.metric])}{mark})"


def _answer(gain: Gain, column: Column) -> str:
    """Better or worse only where the interval leaves out 0; what is trivial pays nobody."""
    if gain.interval is None:
        if column.is_tie(gain.lead):
            return "makes no visible difference here"
        return f"scores {_side(gain.lead)} here, how surely is unknown"
    if not gain.is_clear:
        return "makes no clear difference here"
    if gain.lead < 0:
        return "does not pay here"
    return f"is better here, but {trivial.MARK}" if gain.is_trivial else "pays here"


def _told(gain: Gain, column: Column) -> str:
    """How the first compares with the second, as words between their names."""
    if not column.is_tie(gain.lead):
        return f"{column.apart(gain.lead)} {_side(gain.lead)} in {column.title} than"
    if gain.is_clear:
        return f"barely {_side(gain.lead)} in {column.title} than"
    return f"equal in {column.title} to"


def _reach(gain: Gain, column: Column) -> str:
    """From where to where the gain may lie, and what that means."""
    if gain.interval is None:
        return "This score has no 95 % interval, which would tell how sure that is."
    subject, (low, high) = "The 95 % interval of the difference", map(column.apart, gain.interval)
    if not gain.is_clear:
        either = "other test examples might put either ahead"
        return f"{subject}, {low} worse to {high} better, holds 0: {either}."
    bounds = sorted(gain.interval, key=abs)
    near, far = ("next to 0" if column.is_tie(bound) else column.apart(bound) for bound in bounds)
    alone = "which examples are in test hardly explains it alone"
    return f"{subject}, {near} to {far} {_side(gain.lead)}, leaves out 0: {alone}."


def _side(lead: float) -> str:
    return "better" if lead > 0 else "worse"
