"""The verdict on a run: what it said when its task asked, judged by the task and written down."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from stages.core import choices, files, paths
from stages.core.spec import Spec
from stages.judging import kinds, predictions

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from stages.judging.subject import Subject

Row = tuple[str, str, object, object]  # chart, series, x, y
GENERATED = "generated data"


@dataclass(frozen=True, slots=True)
class Judged:
    """Examples, in order, and what a run says of them.

    `x` are as they lie on disk and still there (`core.splits.Split`). Labels `y` are int64 (N); horizons `y`
    are scaled, float32 (N, F, C). The task says what `outputs` float32 (N, ...) are: logits (N, K), forecasts
    (N, F, C), pixels in [0, 1] (N, C, H, W), log-probabilities (N) of what is hidden, or features (N, D)
    that a referee sees. `beside` is what else was said, by name. What a run draws lies on no disk: `x` is
    then what it drew, `y` the referee's class.
    """

    x: NDArray[Any]
    y: NDArray[Any]
    outputs: NDArray[np.float32]
    beside: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Where (N) the label is what is said: `chosen` beside, else what has the highest output."""
        chosen = self.beside["chosen"] if "chosen" in self.beside else self.outputs.argmax(axis=1)
        return np.asarray(chosen == self.y)


class Task(Protocol):
    """What `build` of a file of the tasks gives.

    The file says beside it what it `ASKS` of a run (`core.asked`), written out, and how runs compare:
    `COLUMNS`, of which the first ranks them; `CHOICE`, the metric of the validation split by which the
    comparison chooses. The first sentence of its docstring heads the tables.
    """

    def check(self, subject: "Subject") -> None:
        """Hold a run against what the task will ask, before any of its work; a method need not be fitted yet.

        Raises:
            UserError: it is no run for this task.
        """

    def ask(self, subject: "Subject") -> dict[str, Judged]:
        """What a run says of `train`, `val`, `test` and whatever else the task needs.

        Raises:
            UserError: its answers are of another shape than this task's.
        """

    def metrics(self, judged: Mapping[str, Judged]) -> dict[str, Any]:
        """The scores, under the same keys for every run of the task; None where one is undefined.

        Among them `n`, the examples of each split, and the 95 % interval of the leading metric where it has
        one (`judging.intervals.named`).
        """

    def charts(self, judged: Mapping[str, Judged]) -> Iterator[Row]:
        """Rows (chart, series, x, y) of what `.dvc/plots/<task>.json` draws."""

    def figures(self, judged: Mapping[str, Judged]) -> "dict[str, Figure]":
        """Pictures by name, at least one."""


def report(
    run: str,
    task: Task,
    spec: Spec,
    judged: Mapping[str, Judged],
    *,
    facts: Mapping[str, Any],
    pictures: "Mapping[str, Figure]",
    rows: Iterable[Row] = (),
) -> dict[str, Any]:
    """Write all that is declared of a run's verdict, and return its metrics.

    Args:
        facts: what joins the metrics without being one: parameters, seed.
        pictures: what joins the figures of the task and of the kind of data.
        rows: what joins the charts in the same way.

    Raises:
        UserError: an output is not a finite number.
    """
    predictions.write(run, judged)
    scores = task.metrics(judged) | kinds.facts(spec) | dict(facts)
    files.write_json(paths.metrics(run), scores)
    test = judged["test"]
    charts = chain(task.charts(judged), kinds.rows(spec, test), rows)
    files.write_csv(paths.charts(run), ("chart", "series", "x", "y"), charts)
    drawn = task.figures(judged) | kinds.pictures(spec, test) | dict(pictures)
    _write_figures(run, drawn, label=GENERATED if spec.generated else None)
    return scores


def headline(scores: Mapping[str, Any], *, task: str, is_generated: bool) -> str:
    """The score of a run that leads in its task, and on what, in words."""
    leading = choices.load("tasks", task).COLUMNS[0]
    score = scores.get(leading.metric)
    told = "undefined" if score is None else leading.told(score)
    said = f"{leading.title} {told} on {scores['n']['test']:,} test examples"
    return f"{said} ({GENERATED})" if is_generated else said


def throughput(judged: Mapping[str, Judged], seconds: float) -> dict[str, float]:
    """Examples that the task asked about, a second."""
    return {"samples_per_second": sum(len(said.y) for said in judged.values()) / seconds}


def _write_figures(run: str, pictures: "Mapping[str, Figure]", *, label: str | None) -> None:
    from stages.judging import figures

    shutil.rmtree(paths.figures(run), ignore_errors=True)
    for name, picture in pictures.items():
        if label:
            figures.label(picture, label)
        figures.save(picture, paths.figures(run) / f"{name}.png")
