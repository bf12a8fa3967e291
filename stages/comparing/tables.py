"""Tables of the comparison, and what stands in them: Markdown."""

from collections.abc import Sequence

from stages.comparing.comparison import Entry
from stages.comparing.groups import CHOSEN, Group
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
        *(_bold(ranked, column) for column in shown),
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


def _bold(entries: Sequence[Entry], column: Column) -> list[str]:
    """The cells of a column, the best in bold."""
    values = [entry.metrics.get(column.metric) for entry in entries]
    known = [value for value in values if value is not None]
    best = {"higher": max, "lower": min}[column.better](known) if column.better and known else None
    return [
        f"**{text}**" if best is not None and value == best else text
        for text, value in zip(_texts(entries, column), values, strict=True)
    ]
