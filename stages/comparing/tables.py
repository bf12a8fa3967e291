"""The comparison as a person reads it: Markdown."""

from collections.abc import Iterable, Sequence
from math import hypot
from typing import NamedTuple

from stages.comparing import gains, transfer
from stages.comparing.comparison import Entry
from stages.core.paths import SPLITS
from stages.judging.verdict import Column

# A gain of less than so many standard errors may be luck.
CLEAR = 2.0
# For scores without any error, such as 100 %: what divides by it is as clear as can be.
_TINY = 1e-12
COSTS = (
    Column("parameters", "parameters", None, ",.0f"),
    Column("export.size_bytes", "ONNX bytes", None, ",.0f"),
)


class _Match(NamedTuple):
    """The best network against the best baseline."""

    network: Entry
    baseline: Entry
    gain: float  # of the network; above 0 is better
    errors: float | None  # the same in standard errors, where the task gives any


def section(
    task: str, dataset: str, entries: Sequence[Entry], columns: Sequence[Column], choice: Column
) -> str:
    """A table, best first, with how it came about and whether deep learning pays.

    Args:
        choice: the metric of validation by which the best network and the best baseline are chosen.
    """
    ranked = rank(entries, columns[0])
    shown = (*columns, *COSTS)
    head = ["run", "kind", *(column.title for column in shown)]
    cells = [_column(ranked, column) for column in shown]
    rows = [
        [f"`{entry.name}`", entry.kind, *(column[i] for column in cells)] for i, entry in enumerate(ranked)
    ]
    ruler = ["---", "---", *("---:" for _ in shown)]
    lines = [f"| {' | '.join(row)} |" for row in (head, ruler, *rows)]
    return "\n".join(
        [
            f"## {task} on {dataset}",
            "",
            _protocol(ranked),
            "",
            *lines,
            "",
            _verdict(ranked, columns[0], choice),
            *_listed(transfer.lines(entries, columns[0])),
        ]
    )


def _listed(lines: Iterable[str]) -> list[str]:
    """The lines as a list under a paragraph; nothing where there are none."""
    found = list(lines)
    return ["", *found] if found else []


def rank(entries: Sequence[Entry], column: Column) -> list[Entry]:
    """Best first; without the metric last; equals in the order of params.yaml."""
    sign = -1 if column.better == "higher" else 1
    known = [entry for entry in entries if column.metric in entry.metrics]
    unknown = [entry for entry in entries if column.metric not in entry.metrics]
    return sorted(known, key=lambda entry: sign * entry.metrics[column.metric]) + unknown


def _column(entries: Sequence[Entry], column: Column) -> list[str]:
    """The cells of a column, the best in bold."""
    values = [entry.metrics.get(column.metric) for entry in entries]
    known = [value for value in values if value is not None]
    best = {"higher": max, "lower": min}[column.better](known) if column.better and known else None
    texts = ["" if value is None else format(value, column.form) for value in values]
    return [
        f"**{text}**" if best is not None and value == best else text
        for text, value in zip(texts, values, strict=True)
    ]


def _protocol(entries: Sequence[Entry]) -> str:
    """On how much was learnt and judged, and from which seed; told apart where runs differ."""
    told: dict[str, list[str]] = {}
    for entry in entries:
        n = {split: f"{entry.metrics[f'n.{split}']:,.0f}" for split in SPLITS}
        text = (
            f"trained on {n['train']} examples, judged on {n['test']} held-out ones; "
            f"what was chosen was chosen on {n['val']} others; seed {entry.metrics['seed']:.0f}"
        )
        told.setdefault(text, []).append(f"`{entry.name}`")
    if len(told) == 1:
        return f"All {next(iter(told))}."
    return "\n".join(f"- {', '.join(names)}: {text}" for text, names in told.items())


def _best(entries: Sequence[Entry], kind: str, column: Column, choice: Column) -> Entry | None:
    """The best of its kind on the validation split: the test split judges and never chooses."""
    needed = {column.metric, choice.metric}
    scored = [entry for entry in entries if entry.kind == kind and needed <= entry.metrics.keys()]
    return next(iter(rank(scored, choice)), None)


def _match(entries: Sequence[Entry], column: Column, choice: Column) -> _Match | None:
    network, baseline = (_best(entries, kind, column, choice) for kind in ("network", "baseline"))
    if network is None or baseline is None:
        return None
    lead, stderrs = gains.over(network, baseline, column)
    return _Match(network, baseline, lead, lead / (hypot(*stderrs) or _TINY) if stderrs else None)


def _verdict(entries: Sequence[Entry], column: Column, choice: Column) -> str:
    match = _match(entries, column, choice)
    if match is None:
        return (
            "Whether deep learning pays here cannot be said: it takes a network and a baseline with scores."
        )
    if match.gain <= 0:
        answer = "Deep learning does not pay here"
    elif match.errors is None:
        answer = "Deep learning is ahead, how clearly cannot be said"
    elif match.errors < CLEAR:
        answer = "Deep learning is ahead, but not clearly"
    else:
        answer = "Deep learning pays here"
    network, baseline = (
        f"`{entry.name}` ({format(entry.metrics[column.metric], column.form)})"
        for entry in (match.network, match.baseline)
    )
    gap = format(abs(match.gain), column.form).replace("%", " points")
    errors = (
        "; these scores have no standard error"
        if match.errors is None
        else f", {abs(match.errors):.1f} standard errors, unpaired"
    )
    return (
        f"**{answer}**: the network {network} and the baseline {baseline} are {gap} of {column.title} apart "
        f"on test{errors}. Each was the best of its kind on validation; the test split never chooses."
    )
