"""Runs that are compared, made up."""

from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any

from stages.comparing.comparison import Entry, Point
from stages.comparing.groups import Group
from stages.judging import columns, intervals
from stages.judging.columns import Column

ACCURACY = Column("accuracy", "accuracy", "higher", ".2%", "share of the right ones")
ERROR = Column("mse", "MSE", "lower", ".4f", "mean squared error")
FACTS = {"parameters": 51.0, "seed": 0.0, "n.train": 60.0, "n.val": 20.0, "n.test": 30.0}


def entry(
    name: str,
    *,
    kind: Any = "network",
    losses: Sequence[float] = (),
    kept: int | None = None,
    memory: Iterable[Any] = (),
    start: str = "scratch",
    twin: str | None = None,
    **metrics: float,
) -> Entry:
    """A run or baseline with these metrics; `losses` are of validation, `kept` is an epoch."""
    kept = kept or len(losses)
    return Entry(
        name=name,
        kind=kind,
        dataset="digits",
        task="classification",
        metrics=FACTS | metrics,
        curves=[Point(i, "val", "loss", loss, int(i == kept)) for i, loss in enumerate(losses, start=1)],
        memory=list(memory),
        start=start,
        twin=twin,
    )


def declared(task: ModuleType) -> tuple[Column, ...]:
    """All columns that the file of a task says."""
    first = task.COLUMNS[0]
    return (*task.COLUMNS, task.CHOICE, *first.trivial, *first.floor)


def assert_better(task: ModuleType, good: Mapping[str, float], bad: Mapping[str, float]) -> None:
    """In every column of a task that has a better side, the good scores lie on it from the bad ones."""
    sided = {column.metric: column.better for column in declared(task) if column.better}
    assert not [metric for metric in sided if good[metric] == bad[metric]]
    assert sided == {metric: "higher" if good[metric] > bad[metric] else "lower" for metric in sided}


def group(*entries: Entry, column: Column = ACCURACY, **own: Any) -> Group:
    """Those entries, ranked by a column and chosen by the same on validation."""
    known: dict[str, Any] = {
        "task": "classification",
        "dataset": "digits",
        "columns": (column,),
        "choice": columns.validation(column),
    }
    return Group(entries=entries, **(known | own))


def right(hits: int, of: int, *, val: float | None = None) -> dict[str, Any]:
    """The metrics of who is right so often, with the interval; on validation as often, or `val`."""
    share = hits / of
    bounds = intervals.named("accuracy", intervals.of_share(hits, of))
    return {"accuracy": share, "val_accuracy": share if val is None else val, **bounds}
