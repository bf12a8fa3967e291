"""Tables of the comparison, and what stands in them: Markdown."""

from collections.abc import Sequence

from stages.comparing import trivial
from stages.comparing.comparison import Entry
from stages.comparing.groups import CHOSEN, Group
from stages.judging import intervals
from stages.judging.columns import Column

COSTS = (
    Column("parameters", "parameters", None, ",.0f", "how many numbers are learnt from train, or kept of it"),
    Column(
        "export.size_bytes",
        "ONNX bytes",
        None,
        ",.0f",
        "size of the exported network; baselines are not exported",
    ),
)


def table(group: Group) -> list[str]:
    """The lines of a table, best on test first; a mark beside the validation scores that chose."""
    ranked, chosen = group.ranked, group.chosen.values()
    shown = (*group.columns, *COSTS)
    marks = [f"{CHOSEN} " if entry in chosen else "" for entry in ranked]
    cells = [
        [f"`{entry.name}`" for entry in ranked],
        [entry.kind for entry in ranked],
        [mark + text for mark, text in zip(marks, _texts(ranked, group.choice), strict=True)],
        *(_scores(ranked, column) for column in shown),
    ]
    head = ["run", "kind", group.choice.head, *(column.head for column in shown)]
    ruler = ["---", "---", "---:", *("---:" for _ in shown)]
    return [f"| {' | '.join(row)} |" for row in (head, ruler, *zip(*cells, strict=True))]


def legend(group: Group) -> list[str]:
    """A line for each column of the tables of a task, and for what stands above them."""
    columns = [f"- **{c.head}**: {c.meaning}" for c in (group.choice, *group.columns, *COSTS)]
    return columns + [f"- For scale, **{c.title}**: {c.meaning}" for c in group.yardsticks]


def _texts(entries: Sequence[Entry], column: Column) -> list[str]:
    values = (entry.metrics.get(column.metric) for entry in entries)
    return ["" if value is None else column.told(value) for value in values]


def _scores(entries: Sequence[Entry], column: Column) -> list[str]:
    """The cells of a column: the best in bold where others are worse, and what stands behind each."""
    texts, best = _texts(entries, column), _best(entries, column)
    behind = (_behind(entry, column) for entry in entries)
    return [(f"**{t}**" if t == best else t) + more for t, more in zip(texts, behind, strict=True)]


def _behind(entry: Entry, column: Column) -> str:
    """The interval of a score, and the mark of one that is trivial."""
    interval = intervals.read(entry.metrics, column.metric)
    mark = f" {trivial.MARK}" if trivial.is_trivial(entry, column) else ""
    return (f" {column.bounds(*interval)}" if interval else "") + mark


def _best(entries: Sequence[Entry], column: Column) -> str | None:
    """How the best value is written; None where nobody can see that one is better than another."""
    values = [entry.metrics[column.metric] for entry in entries if column.metric in entry.metrics]
    if column.better is None or len({column.told(value) for value in values}) < 2:
        return None
    return column.told({"higher": max, "lower": min}[column.better](values))
