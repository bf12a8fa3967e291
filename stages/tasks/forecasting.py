"""Forecasting: what follows a window of a series. Every window of a split is judged, at every step of its
horizon.

Scores are in scaled units, where a deviation in the train split is 1, those under `original` in the units of
each column. They have no interval: windows overlap, so that their errors are no independent draws.
Undefined and null are the R2 of a target that never changes and the skill beside a forecast without error.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stages.core.spec import Series
from stages.judging import columns, inference, naive
from stages.judging.columns import Column
from stages.judging.subject import Subject
from stages.judging.verdict import Judged, Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ASKS = "outputs"
MSE = Column(
    "mse",
    "MSE",
    "lower",
    ".4f",
    "mean squared error, in units where 1 is the variance of the series in train: 0 is perfect",
    (naive.LAST, naive.SEASONAL),
)
COLUMNS = (
    MSE,
    Column(
        "mae", "MAE", "lower", ".4f", "mean absolute error, in standard deviations of the series in train"
    ),
    Column(
        "r2",
        "R2",
        "higher",
        ".4f",
        "share of the variance in test that is foretold: 1 is perfect, 0 as good as the mean of test",
    ),
    naive.OVER_LAST,
    naive.OVER_SEASONAL,
    columns.gap(MSE),
)
CHOICE = columns.validation(MSE)
CHARTED = 3  # windows


@dataclass(frozen=True, slots=True)
class Forecasting:
    """The horizon behind each window of `spec`."""

    spec: Series

    def check(self, subject: Subject) -> None:
        """Examples must be answered to."""
        subject.needs(ASKS, task="forecasting")

    def ask(self, subject: Subject) -> dict[str, Judged]:
        """Forecasts (N, F, C) for every window of every split."""
        return inference.every_split(subject, shape=self.spec.outputs)

    def metrics(self, judged: Mapping[str, Judged]) -> dict[str, Any]:
        """The scores on the test split; those of train and val beside them show over- and underfitting.

        Gaps are train less test. R2 is the mean over the targets, each against its own mean in the test
        horizons. Skill is the share of a naive forecast's mean squared error that is avoided:
        1 - mse / mse(naive).
        """
        test = judged["test"]
        errors = _errors(test.outputs, test.y)
        scores: dict[str, Any] = _fit(errors)
        scores |= {"rmse": float(np.sqrt(scores["mse"])), "r2": _r2(errors, test.y)}
        naives = naive.forecasts(self.spec, test)
        others = {name: _fit(_errors(said, test.y)) for name, said in naives.items()}
        for name, other in others.items():
            scores[f"skill_{name}"] = 1 - scores["mse"] / other["mse"] if other["mse"] else None
        for split in ("train", "val"):
            fit = _fit(_errors(judged[split].outputs, judged[split].y))
            scores |= {f"{split}_{name}": value for name, value in fit.items()}
        for name in ("mse", "mae"):
            scores[f"{name}_gap"] = scores[f"train_{name}"] - scores[name]
        scores["n"] = {split: len(answers.y) for split, answers in judged.items()}
        scores |= others
        steps = np.square(errors).mean(axis=(0, 2)).tolist()
        scores["per_step"] = {str(step): value for step, value in enumerate(steps, start=1)}
        scores["original"] = _original(self.spec, errors)
        return scores

    def charts(self, judged: Mapping[str, Judged]) -> Iterator[Row]:
        """Error by step ahead, some windows of the first target in its units, and how errors are spread."""
        from stages.judging import forecasts

        test = judged["test"]
        for name, errors in forecasts.by_step(self.spec, test).items():
            yield from (("step", name, step, error) for step, error in enumerate(errors, start=1))
        for trace in forecasts.traces(self.spec, test, CHARTED):
            chart = f"window {trace.window}"
            lines = (("truth", trace.past), ("truth", trace.truth), ("forecast", trace.forecast))
            for name, line in lines:
                yield from ((chart, name, int(step), float(value)) for step, value in zip(*line, strict=True))
        for middle, share in zip(*forecasts.histogram(test), strict=True):
            yield "residuals", "share", float(middle), float(share)

    def figures(self, judged: Mapping[str, Judged]) -> "dict[str, Figure]":
        """Some windows with their forecasts, and the errors."""
        from stages.judging import forecasts

        test = judged["test"]
        return {
            "forecasts": forecasts.draw_windows(self.spec, test),
            "residuals": forecasts.draw_errors(self.spec, test),
        }


def _errors(outputs: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float64]:
    """(N, F, C)"""
    errors: NDArray[np.float64] = np.subtract(outputs, y, dtype=np.float64)
    return errors


def _fit(errors: NDArray[np.float64]) -> dict[str, float]:
    return {"mse": float(np.square(errors).mean()), "mae": float(np.abs(errors).mean())}


def _r2(errors: NDArray[np.float64], y: NDArray[Any]) -> float | None:
    changes = np.ptp(y, axis=(0, 1)) > 0
    left = np.square(errors).mean(axis=(0, 1))
    spread = y.var(axis=(0, 1), dtype=np.float64)
    return float(np.mean(1 - left[changes] / spread[changes])) if changes.any() else None


def _original(spec: Series, errors: NDArray[np.float64]) -> dict[str, dict[str, float]]:
    """The errors of each target, times its deviation."""
    fits = [_fit(errors[..., c] * spec.std[c]) for c in range(spec.targets)]
    return {
        name: fit | {"rmse": float(np.sqrt(fit["mse"]))}
        for name, fit in zip(spec.columns, fits, strict=False)
    }


def build(spec: Series) -> Forecasting:
    """Forecasting of the targets of `spec`."""
    return Forecasting(spec)
