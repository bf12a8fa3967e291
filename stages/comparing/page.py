"""The comparison as a person reads it: Markdown."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from stages.comparing import payoff, tables, transfer, trivial
from stages.comparing.comparison import Entry
from stages.comparing.groups import CHOSEN, Group
from stages.core.paths import SPLITS

HEAD = f"""\
# Comparison

Does deep learning pay? Networks stand beside cheap classical methods, the baselines, on the same data.

![Scores and learning curves of all runs](comparison.png)

How to read the tables:

- **Test judges.** A run learns from train and is scored on test, which it has never seen. The best on test \
stands first, and the best of a column is **bold**: to look at, not to choose by. Of many runs one is ahead \
by luck, and mostly it does worse on new data.
- **Validation chooses.** {CHOSEN} marks the network and the baseline that are best on validation; of equals \
the first in params.yaml. Below each table these two are compared, and all networks named that score no \
better on test than this baseline.
- \N{UPWARDS ARROW}: higher is better; \N{DOWNWARDS ARROW}: lower is better. Each task explains its columns.
- **90.00% [87.06, 92.33]** is the score that ranks and its 95 % interval, here of 500 examples: how far \
others of the same kind might have moved it. What another seed would change is not in it.
- **A difference** of two scores, taken before these are rounded, has such an interval too. Where it leaves \
out 0, one is called better; where it holds 0, none is, whichever is ahead. It takes the two for \
independent, though both are of the same examples, and so is rather too wide. Of twenty pairs of equals one \
at most, on average, is called different all the same. Another seed is not in it either.
- **{trivial.MARK}** marks a score that is not clearly better than an answer that takes no learning, such as \
chance, which stands above the table: its interval holds that or lies on its worse side. Where there is no \
interval, the score itself decides.
- **No interval** is known for forecasts, whose windows overlap, and for samples, which are judged all at \
once.
- **Repeated** are examples of validation or test that stand in train too. Who has learnt them by heart \
knows them, so that scores say less of what is new. Above a table it is said how many they are, if any.
- **Generated** data were drawn by a program and say nothing of the world.

Pictures of each run lie in `figures/<run>/`, all scores in `comparison.csv`."""

NOTHING = "nothing to compare: `models` and `baselines` of params.yaml are empty"


def write(groups: Iterable[Group]) -> str:
    """The whole page: for each task what its columns mean, then a section a data set."""
    parts, found = [HEAD], list(groups)
    if not found:
        parts.append(f"**{NOTHING[0].upper()}{NOTHING[1:]}.**")
    for task, some in groupby(found, key=lambda group: group.task):
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
    beside = ", ".join(f"{column.title} {column.told(entry.metrics[column.metric])}" for column in known)
    return (
        f"{n['train']} examples to train on, {n['val']} to choose by (validation), {n['test']} to judge on "
        f"(test); seed {entry.metrics['seed']:.0f}."
        + (f" For scale: {beside}." if beside else "")
        + _repeated(entry)
    )


def _repeated(entry: Entry) -> str:
    """What of validation and test stands in train too, if anything."""
    held = {"validation": "repeated.val", "test": "repeated.test"}
    shares = {split: entry.metrics.get(metric, 0) for split, metric in held.items()}
    told = [f"{100 * share:.3g} % of {split}" for split, share in shares.items() if share]
    return f" **Repeated**: {' and '.join(told)} stand in train too." if told else ""
