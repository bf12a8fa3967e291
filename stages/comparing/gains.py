"""How far one run is ahead of another."""

from typing import NamedTuple

from stages.comparing.comparison import Entry
from stages.judging.verdict import Column

# Of a normal distribution, so many deviations to either side hold 95 %.
NORMAL_95 = 1.96


class Gain(NamedTuple):
    """A lead, above 0 where it is one, and the standard errors of the two scores as far as they are known."""

    lead: float
    stderrs: list[float]


def over(ours: Entry, theirs: Entry, column: Column) -> Gain:
    """The gain in a metric that both have."""
    lead = ours.metrics[column.metric] - theirs.metrics[column.metric]
    error = f"{column.metric}_stderr"
    known = [entry.metrics[error] for entry in (ours, theirs) if error in entry.metrics]
    return Gain(lead if column.better == "higher" else -lead, known)
