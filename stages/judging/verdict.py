"""The verdict on a run: its outputs on each split, handed to the run's task and written down."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from stages.core import files, paths
from stages.core.errors import UserError
from stages.judging import kinds

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Row = tuple[str, str, object, object]  # chart, series, x, y
GENERATED = "generated data"


@dataclass(frozen=True, slots=True)
class Judged:
    """A split, in order, and what a run says of it.

    `x` are as they lie on disk and still there (`core.splits.Split`). Labels `y` are int64 (N) with `outputs`
    float32 (N, K); horizons `y` are scaled, float32 (N, F, C), with `outputs` of the same shape.
    """

    x: NDArray[Any]
    y: NDArray[Any]
    outputs: NDArray[np.float32]


class Column(NamedTuple):
    """A metric as it stands in the tables of the comparison."""

    metric: str
    title: str
    better: Literal["higher", "lower"] | None
    form: str  # as `format` takes it


class Task(Protocol):
    """What a file of the tasks gives; the first of its columns is the metric that ranks runs."""

    COLUMNS: tuple[Column, ...]

    def metrics(self, spec: Any, judged: Mapping[str, Judged]) -> dict[str, Any]:
        """The scores, under the same keys for every run of the task; None where one is undefined.

        Among them `n`, the examples of each split, and `val_<leading metric>`, by which the comparison
        chooses; `<leading metric>_stderr` where it can be had.
        """

    def charts(self, spec: Any, test: Judged) -> Iterator[Row]:
        """Rows (chart, series, x, y) of what `.dvc/plots/<task>.json` draws."""

    def figures(self, spec: Any, test: Judged) -> "dict[str, Figure]":
        """Pictures by name, at least one."""


def report(
    run: str,
    task: Task,
    spec: Any,
    judged: Mapping[str, Judged],
    *,
    facts: Mapping[str, Any],
    pictures: "Mapping[str, Figure]",
    rows: Iterable[Row] = (),
) -> None:
    """Write all that is declared of a run's verdict: predictions, metrics, charts and figures.

    Args:
        facts: what joins the metrics without being one: parameters, seed.
        pictures: what joins the figures of the task and of the kind of data.
        rows: what joins the charts in the same way.

    Raises:
        UserError: an output is not a finite number.
    """
    for split, answers in judged.items():
        _check_finite(run, split, answers.outputs)
    test = judged["test"]
    _write_predictions(run, test)
    scores = task.metrics(spec, judged) | {"generated": spec.generated} | dict(facts)
    files.write_json(paths.metrics(run), scores)
    charts = chain(task.charts(spec, test), kinds.rows(spec, test), rows)
    files.write_csv(paths.charts(run), ("chart", "series", "x", "y"), charts)
    drawn = task.figures(spec, test) | kinds.pictures(spec, test) | dict(pictures)
    _write_figures(run, drawn, label=GENERATED if spec.generated else None)


def _check_finite(run: str, split: str, outputs: NDArray[np.float32]) -> None:
    broken = int((~np.isfinite(outputs.reshape(len(outputs), -1))).any(axis=1).sum())
    if broken:
        raise UserError(f"{run}: outputs must be finite, got {broken} of {len(outputs)} {split} that are not")


def _write_predictions(run: str, test: Judged) -> None:
    from safetensors.numpy import save_file

    with files.replacing(paths.predictions(run)) as partial:
        save_file({"outputs": test.outputs, "y": np.ascontiguousarray(test.y)}, partial)


def _write_figures(run: str, pictures: "Mapping[str, Figure]", *, label: str | None) -> None:
    from stages.judging import figures

    shutil.rmtree(paths.figures(run), ignore_errors=True)
    for name, picture in pictures.items():
        if label:
            figures.label(picture, label)
        figures.save(picture, paths.figures(run) / f"{name}.png")
