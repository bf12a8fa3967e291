"""What weights from elsewhere bring: runs that started from them beside the same network from scratch."""

from collections.abc import Iterator, Sequence
from math import hypot

from stages.comparing import gains
from stages.comparing.comparison import Entry
from stages.comparing.gains import Gain
from stages.core.params import SCRATCH
from stages.judging.verdict import Column


def lines(entries: Sequence[Entry], column: Column) -> Iterator[str]:
    """A line for each run that started elsewhere: its gain on test, with an interval where errors are known.

    The interval, of 95 %, takes the two scores for independent: of the same examples it is rather wide.
    """
    by_name = {entry.name: entry for entry in entries}
    for entry in entries:
        twin = by_name.get(entry.twin or "")
        if entry.start == SCRATCH or twin is None:
            continue
        if not all(column.metric in one.metrics for one in (entry, twin)):
            continue
        # A start may know sizes that `hyper` does not say.
        if entry.metrics["parameters"] != twin.metrics["parameters"]:
            continue
        gain = gains.over(entry, twin, column)
        told = f"{_points(format(abs(gain.lead), column.form))} of {column.title}"
        yield (
            f"- Start from `{entry.start}`: `{entry.name}` is {told} "
            f"{'ahead of' if gain.lead >= 0 else 'behind'} `{twin.name}`, the same network from scratch"
            f"{_interval(gain, column)}."
        )


def _interval(gain: Gain, column: Column) -> str:
    if len(gain.stderrs) < 2:
        return "; these scores have no standard error"
    reach = gains.NORMAL_95 * hypot(*gain.stderrs)
    clear = "" if abs(gain.lead) > reach else ", which is not clear"
    bounds = (gain.lead - reach, gain.lead + reach)
    low, high = (_points(format(bound, f"+{column.form.lstrip('+')}")) for bound in bounds)
    return f"{clear} (95 % interval, unpaired: {low} to {high})"


def _points(told: str) -> str:
    return told.replace("%", " points")
