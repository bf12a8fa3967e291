"""Scores that show nothing yet: not clearly better than an answer that takes no learning."""

from stages.comparing.comparison import Entry
from stages.judging import intervals
from stages.judging.columns import Column

MARK = "trivial"  # behind such a score


def is_trivial(entry: Entry, column: Column) -> bool:
    """Whether the interval of a score holds one of the trivial ones of its column or lies on its worse side.

    Without an interval the score itself decides; one that is missing is none.
    """
    score = entry.metrics.get(column.metric)
    if score is None:
        return False
    low, high = intervals.read(entry.metrics, column.metric) or (score, score)
    reached = (entry.metrics.get(one.metric) for one in column.trivial)
    known = (one for one in reached if one is not None)
    return any(low <= one if column.better == "higher" else high >= one for one in known)
