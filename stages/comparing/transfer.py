"""What weights from elsewhere bring: runs that started from them beside the same network from scratch."""

from collections.abc import Iterator, Sequence
from math import hypot

from stages.comparing.comparison import Entry
from stages.core.params import SCRATCH
from stages.judging.verdict import Column

# Of a normal distribution, so many deviations to either side hold 95 %.
_DEVIATIONS = 1.96


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
        sign = 1 if column.better == "higher" else -1
        gain = sign * (entry.metrics[column.metric] - twin.metrics[column.metric])
        told = f"{_told(abs(gain), column)[1:]} of {column.title}"
        yield (
            f"- Start from `{entry.start}`: `{entry.name}` is {told} {'ahead of' if gain >= 0 else 'behind'} "
            f"`{twin.name}`, the same network from scratch"
            f"{_interval(entry, twin, gain, column)}."
        )


def _interval(entry: Entry, twin: Entry, gain: float, column: Column) -> str:
    error = f"{column.metric}_stderr"
    if not all(error in one.metrics for one in (entry, twin)):
        return "; these scores have no standard error"
    reach = _DEVIATIONS * hypot(entry.metrics[error], twin.metrics[error])
    clear = "" if abs(gain) > reach else ", which is not clear"
    low, high = (_told(bound, column) for bound in (gain - reach, gain + reach))
    return f"{clear} (95 % interval, unpaired: {low} to {high})"


def _told(gain: float, column: Column) -> str:
    return format(gain, f"+{column.form.lstrip('+')}").replace("%", " points")
