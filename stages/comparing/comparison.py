"""Everything that is judged, side by side: what the stages before wrote of each run and baseline."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from stages.core import files, paths
from stages.core.errors import UserError
from stages.core.params import Params

# What an export says that is worth comparing.
EXPORTED = ("size_bytes", "max_abs_difference", "argmax_agreement", "n")


class Point(NamedTuple):
    """A point of a learning curve."""

    epoch: int
    split: str
    measure: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A run or baseline with its scalar metrics, one level deep: `per_class.cat.f1`."""

    name: str
    kind: Literal["network", "baseline"]
    dataset: str
    task: str
    metrics: dict[str, float]
    curves: list[Point]


def entries(params: Params) -> list[Entry]:
    """All that params.yaml has to compare, in its order.

    Raises:
        UserError: the report of one is missing; the message names the stage that writes it.
    """
    return [_entry(name, is_network=name in params.models, params=params) for name in params.judged]


def groups(found: list[Entry]) -> dict[tuple[str, str], list[Entry]]:
    """(task, data set) -> what may be compared with each other, in order of appearance."""
    together: dict[tuple[str, str], list[Entry]] = {}
    for entry in found:
        together.setdefault((entry.task, entry.dataset), []).append(entry)
    return together


def _entry(name: str, *, is_network: bool, params: Params) -> Entry:
    stage = "evaluate" if is_network else "baseline"
    metrics = dict(_flat(files.read_json(paths.metrics(name), made_by=f"{stage}@{name}")))
    if is_network:
        export = files.read_json(paths.export(name), made_by=f"export@{name}")
        metrics |= {f"export.{key}": export[key] for key in EXPORTED}
    return Entry(
        name=name,
        kind="network" if is_network else "baseline",
        dataset=params.judged[name].dataset,
        task=params.judged[name].task,
        metrics=metrics,
        curves=_curves(name) if is_network else [],
    )


def _flat(content: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, float]]:
    """Numbers under their whole paths; what is undefined (null) is left out."""
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        elif value is not None:
            yield above + key, value


def _curves(run: str) -> list[Point]:
    path = paths.curves(run)
    if not path.exists():
        raise UserError(f"{path} is missing: run `dvc repro train@{run}` first")
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Point(int(row["epoch"]), row["split"], row["measure"], float(row["value"]))
            for row in csv.DictReader(file)
        ]
