"""Everything that is judged, side by side: what the stages before wrote of each run and baseline."""

import csv
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from stages.comparing import twins
from stages.core import choices, files, paths
from stages.core.blocks import Run
from stages.core.errors import UserError
from stages.core.params import SCRATCH, Params

KINDS = ("network", "baseline")
# What an export says that is worth comparing.
EXPORTED = ("size_bytes", "max_abs_difference", "argmax_agreement", "n")


class Point(NamedTuple):
    """A point of a learning curve; a loss is called by what is minimised, so that units do not mix.

    `kept` is 1 of the epoch whose weights are those of the run, else 0.
    """

    epoch: int
    split: str
    measure: str
    value: float
    kept: int


class Step(NamedTuple):
    """What part of the gradient a step of the input holds (`judging.memory`)."""

    back: int
    gradient: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A run or baseline with its scalar metrics, one level deep: `per_class.cat.f1`.

    `dataset` says of generated data that they are. `start` is where the first weights came from, `twin` the
    same network from scratch, if there is one. `memory` is empty where a network sees no steps.
    """

    name: str
    kind: Literal["network", "baseline"]
    dataset: str
    task: str
    metrics: dict[str, float]
    curves: list[Point]
    memory: list[Step]
    start: str = SCRATCH
    twin: str | None = None


def entries(params: Params) -> list[Entry]:
    """All that params.yaml has to compare, in its order.

    Raises:
        UserError: the report of one is missing; the message names the stage that writes it.
    """
    twin = twins.find(params)
    return [_entry(name, params, is_network=name in twin, twin=twin.get(name)) for name in params.judged]


def _entry(name: str, params: Params, *, is_network: bool, twin: str | None) -> Entry:
    stage = "evaluate" if is_network else "baseline"
    verdict = files.read_json(paths.metrics(name), made_by=f"{stage}@{name}")
    label = " (generated)" if verdict.pop("generated", False) else ""
    metrics = dict(_flat(verdict))
    if is_network:
        export = files.read_json(paths.export(name), made_by=f"export@{name}")
        metrics |= {f"export.{key}": export[key] for key in EXPORTED if key in export}
    return Entry(
        name=name,
        kind="network" if is_network else "baseline",
        dataset=params.judged[name].dataset + label,
        task=params.judged[name].task,
        metrics=metrics,
        curves=list(_curves(name, params.models[name])) if is_network else [],
        memory=list(_memory(name)) if is_network else [],
        start=params.models[name].start if is_network else SCRATCH,
        twin=twin,
    )


def _flat(content: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, float]]:
    """Numbers under their whole paths; what is undefined (null) is left out."""
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        elif value is not None:
            yield above + key, value


def _curves(name: str, run: Run) -> Iterator[Point]:
    minimised = _minimised(run)
    for row in _rows(paths.curves(name), made_by=f"train@{name}"):
        measure = row["measure"]
        told = f"{minimised}_{measure}" if measure.endswith("loss") else measure
        yield Point(int(row["epoch"]), row["split"], told, float(row["value"]), int(row["kept"]))


def _minimised(run: Run) -> str:
    """The objective of a run, and which form where that is not its usual one; numbers weigh in its unit.

    That the objective has such arguments `twins.find` has checked.
    """
    usual = inspect.signature(choices.load("objectives", run.objective).build).parameters
    forms = [
        form for key, form in sorted(run.loss.items()) if isinstance(form, str) and form != usual[key].default
    ]
    return "_".join([run.objective, *forms])


def _memory(run: str) -> Iterator[Step]:
    for row in _rows(paths.charts(run), made_by=f"evaluate@{run}"):
        if row["chart"] == "memory":
            yield Step(int(row["x"]), float(row["y"]))


def _rows(path: Path, *, made_by: str) -> Iterator[dict[str, str]]:
    if not path.exists():
        raise UserError(f"{path} is missing: run `dvc repro {made_by}` first")
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
