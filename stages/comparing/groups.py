"""What may be compared with each other: all that is judged by one task on one data set."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stages.comparing.comparison import KINDS, Entry
from stages.core import choices
from stages.judging.columns import Column

CHOSEN = "\N{CHECK MARK}"  # beside whom validation chose


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Entries in the order of params.yaml, and what their task says of how they compare.

    `about` is what the task is of. The first of `columns` ranks, `choice` is the metric of the validation
    split that chooses.
    """

    task: str
    dataset: str
    entries: Sequence[Entry]
    columns: Sequence[Column]
    choice: Column
    about: str = ""

    @property
    def title(self) -> str:
        """What the group is called."""
        return f"{self.task} on {self.dataset}"

    @property
    def leading(self) -> Column:
        """The score that ranks."""
        return self.columns[0]

    @property
    def yardsticks(self) -> tuple[Column, ...]:
        """What the scores that rank are held against."""
        return self.leading.trivial + self.leading.floor

    @property
    def ranked(self) -> list[Entry]:
        """Best first on test: to look at, not to choose by."""
        return _rank(self.entries, self.leading)

    @property
    def chosen(self) -> dict[str, Entry]:
        """The best of each kind on the validation split, as far as it has scores: test never chooses."""
        needed = {self.leading.metric, self.choice.metric}
        scored = [entry for entry in self.entries if needed <= entry.metrics.keys()]
        ranked = _rank(scored, self.choice)
        best = {kind: next((entry for entry in ranked if entry.kind == kind), None) for kind in KINDS}
        return {kind: entry for kind, entry in best.items() if entry}


def find(found: Iterable[Entry]) -> list[Group]:
    """The groups of `found` in order of appearance, those of a task one after the other."""
    together: dict[str, dict[str, list[Entry]]] = {}
    for entry in found:
        together.setdefault(entry.task, {}).setdefault(entry.dataset, []).append(entry)
    return [
        _group(task, dataset, entries)
        for task, datasets in together.items()
        for dataset, entries in datasets.items()
    ]


def _group(name: str, dataset: str, entries: Sequence[Entry]) -> Group:
    task = choices.load("tasks", name)
    sentence, _, _ = " ".join((task.__doc__ or "").split()).partition(". ")
    return Group(
        task=name,
        dataset=dataset,
        entries=entries,
        columns=task.COLUMNS,
        choice=task.CHOICE,
        about=sentence.removesuffix("."),
    )


def _rank(entries: Sequence[Entry], column: Column) -> list[Entry]:
    """Best first; without the metric last; equals in the order of params.yaml."""
    sign = -1 if column.better == "higher" else 1
    known = [entry for entry in entries if column.metric in entry.metrics]
    unknown = [entry for entry in entries if column.metric not in entry.metrics]
    return sorted(known, key=lambda entry: sign * entry.metrics[column.metric]) + unknown
