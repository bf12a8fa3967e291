"""The comparison as a person reads it: Markdown."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from stages.comparing import payoff, tables, transfer
from stages.comparing.comparison import Entry
from stages.comparing.groups import CHOSEN, Group
from stages.core.paths import SPLITS

HEAD = f"""\
# Comparison

Networks beside cheap classical methods, the baselines, on the same data: does deep learning pay?

![Scores and learning curves of all runs](comparison.png)

- **Test judges.** A run learns from train; its scores are those on test, which it has never seen. The best \
on test stands first, and the best of a column is **bold**: to look at, not to choose by. Of many runs one \
is ahead by luck, and whoever takes it for its score on test will mostly find it worse on new data.
- **Validation chooses.** {CHOSEN} marks the network and the baseline that are best on validation, of equals \
the first in params.yaml. These two are compared below each table.
- \N{UPWARDS ARROW}: higher is better; \N{DOWNWARDS ARROW}: lower is better. Each task explains its columns.
- A **95 % interval** tells how far other test examples of the same kind might have moved a score, or the \
difference of two, which is clear where its interval leaves out 0. It takes both runs for independent, and \
so is rather too wide. It does not tell what another seed would change. Forecasts of windows that overlap, \
and samples that are judged all at once, have none: how clear a difference of them is cannot be said.
- Data that are **generated** were drawn by a program and say nothing of the world.

Pictures of each run lie in `figures/<run>/`, all scores in `comparison.csv`."""


def write(groups: Iterable[Group]) -> str:
    """The whole page: for each task what its columns mean, then a section a data set."""
    parts = [HEAD]
    for task, some in groupby(groups, key=lambda group: group.task):
        sections = list(some)
        parts += [f"## {task}", f"{sections[0].about}. The columns:", "\n".join(tables.legend(sections[0]))]
        parts += [part for group in sections for part in _section(group)]
    return "\n\n".join(parts) + "\n"


def _section(group: Group) -> Iterator[str]:
    """A table, best first, with how it came about and whether deep learning pays."""
    yield f"### {group.title}"
    yield _protocol(group)
    yield "\n".join(tables.table(group))
    yield payoff.verdict(group)
    if gained := list(transfer.lines(group.entries, group.leading)):
        yield "\n".join(gained)


def _protocol(group: Group) -> str:
    """On how much was learnt and judged, from which seed, and beside what; told apart where runs differ."""
    told: dict[str, list[str]] = {}
    for entry in group.ranked:
        told.setdefault(_facts(entry, group), []).append(f"`{entry.name}`")
    if len(told) == 1:
        return next(iter(told))
    return "\n".join(f"- {', '.join(names)}: {text}" for text, names in told.items())


def _facts(entry: Entry, group: Group) -> str:
    n = {split: f"{entry.metrics[f'n.{split}']:,.0f}" for split in SPLITS}
    known = [column for column in group.yardsticks if column.metric in entry.metrics]
    beside = [f"{column.title} {column.told(entry.metrics[column.metric])}" for column in known]
    return (
        f"{n['train']} examples to train on, {n['val']} to choose by (validation), {n['test']} to judge on "
        f"(test); seed {entry.metrics['seed']:.0f}." + "".join(f" For scale: {text}." for text in beside)
    )
