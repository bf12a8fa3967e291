"""What weights from elsewhere bring: runs that started from them beside the same network from scratch."""

from collections.abc import Iterator, Sequence

from stages.comparing import gains
from stages.comparing.comparison import Entry
from stages.core.params import SCRATCH
from stages.judging.columns import Column


def lines(entries: Sequence[Entry], column: Column) -> Iterator[str]:
    """A line for each run that started elsewhere: its gain on test, with an interval where there is one."""
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
        gain, what = gains.over(entry, twin, column), f"Starting from `{entry.start}`"
        ours, theirs = (gains.scored(one, column) for one in (entry, twin))
        theirs += ", the same network from scratch"
        yield f"- {gains.verdict(what, gain, column, ours=ours, theirs=theirs)}"
