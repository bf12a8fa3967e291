"""Every figure of the task, against scikit-learn, formulas in numpy and forecasts written out."""

import json
import math
from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as reference

from stages.core.spec import Series
from stages.judging.verdict import Judged
from stages.tasks import forecasting
from tests import samples
from tests.compared import assert_better

FACTS = samples.series_spec()  # windows of 16, horizons of 4, seasons of 8, two targets of three columns
STD, MEAN = np.array([0.75, 0.75]), np.array([3.0, 4.0])


def judged(facts: Series = FACTS, *, seed: int = 0, noise: float = 0.3) -> Judged:
    """Windows as they lie on disk, their scaled horizons, and forecasts that are wrong by some noise."""
    split = samples.split(facts, seed=seed)
    y = ((split.y.numpy() - MEAN) / STD).astype(np.float32)
    outputs = y + noise * np.random.default_rng(seed).normal(size=y.shape)
    return Judged(split.x.numpy(), y, outputs.astype(np.float32))


def scores(test: Judged, *, train: Judged | None = None, val: Judged | None = None) -> dict[str, Any]:
    return forecasting.build(FACTS).metrics({"train": train or test, "val": val or test, "test": test})


def flat(steps: NDArray[Any]) -> NDArray[np.float64]:
    """(N, F, C) -> (N F, C)"""
    return steps.reshape(-1, steps.shape[2]).astype(np.float64)


def naive(test: Judged, back: list[int]) -> NDArray[np.float64]:
    """Forecasts of the values that many steps before the end of each window."""
    ahead = [[window[-steps, :2] for steps in back] for window in test.x]
    return (np.array(ahead, dtype=np.float64) - MEAN) / STD


def test_every_score_is_that_of_scikit_learn() -> None:
    test = judged()
    y, said = flat(test.y), flat(test.outputs)
    expected = {
        "mse": reference.mean_squared_error(y, said),
        "mae": reference.mean_absolute_error(y, said),
        "rmse": math.sqrt(reference.mean_squared_error(y, said)),
        "r2": reference.r2_score(y, said, multioutput="uniform_average"),
    }
    found = scores(test)
    assert {key: found[key] for key in expected} == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("name", "back"), [("last", [1, 1, 1, 1]), ("seasonal", [8, 7, 6, 5])])
def test_skill_is_the_share_of_a_naive_forecasts_error_that_is_avoided(name: str, back: list[int]) -> None:
    test = judged()
    errors = naive(test, back) - test.y
    expected = {"mse": np.square(errors).mean(), "mae": np.abs(errors).mean()}
    found = scores(test)
    assert found[name] == pytest.approx(expected, rel=1e-5)
    assert found[f"skill_{name}"] == pytest.approx(1 - found["mse"] / expected["mse"], rel=1e-5)


def test_a_naive_forecast_has_no_skill_over_itself() -> None:
    test = judged()
    again = Judged(test.x, test.y, naive(test, [1] * 4).astype(np.float32))
    assert scores(again)["skill_last"] == pytest.approx(0, abs=1e-6)


def test_the_errors_in_original_units_are_those_of_the_columns() -> None:
    test, std = judged(), np.array([0.5, 2.0, 7.0])
    task = forecasting.build(FACTS.model_copy(update={"std": tuple(std)}))
    found = task.metrics({"train": test, "val": test, "test": test})["original"]
    assert list(found) == ["column 0", "column 1"]
    y, said = (flat(steps) * std[:2] + MEAN for steps in (test.y, test.outputs))
    for c, name in enumerate(("column 0", "column 1")):
        expected = {
            "mse": reference.mean_squared_error(y[:, c], said[:, c]),
            "mae": reference.mean_absolute_error(y[:, c], said[:, c]),
            "rmse": math.sqrt(reference.mean_squared_error(y[:, c], said[:, c])),
        }
        assert found[name] == pytest.approx(expected, rel=1e-6)


def test_the_error_of_each_step_ahead_is_its_own_and_their_mean_the_whole() -> None:
    test = judged()
    found = scores(test)
    for step in range(4):
        expected = reference.mean_squared_error(test.y[:, step], test.outputs[:, step])
        assert found["per_step"][str(step + 1)] == pytest.approx(expected, rel=1e-5)
    assert np.mean(list(found["per_step"].values())) == pytest.approx(found["mse"])


def test_train_and_val_stand_beside_and_gaps_are_train_less_test() -> None:
    train, val, test = (judged(seed=seed, noise=noise) for seed, noise in ((1, 0.1), (2, 0.2), (0, 0.3)))
    found = scores(test, train=train, val=val)
    for name, split in (("train", train), ("val", val)):
        assert found[f"{name}_mse"] == pytest.approx(np.square(split.outputs - split.y).mean(), rel=1e-5)
        assert found[f"{name}_mae"] == pytest.approx(np.abs(split.outputs - split.y).mean(), rel=1e-5)
    for name in ("mse", "mae"):
        assert found[f"{name}_gap"] == found[f"train_{name}"] - found[name]


def test_all_windows_of_every_split_are_counted() -> None:
    assert scores(judged())["n"] == dict.fromkeys(("train", "val", "test"), FACTS.size("test"))


def test_a_forecast_that_comes_true_is_perfect() -> None:
    found = scores(judged(noise=0.0))
    assert (found["mse"], found["mae"], found["r2"], found["skill_last"]) == (0, 0, 1, 1)


def test_forecasts_that_are_less_wrong_are_better_in_every_column() -> None:
    assert_better(forecasting, scores(judged(noise=0.1)), scores(judged(noise=0.5)))


def test_a_target_that_never_changes_has_no_r2_and_leaves_that_of_the_others() -> None:
    test = judged()
    y = test.y.copy()
    y[..., 1] = 0.1
    one = reference.r2_score(flat(y)[:, 0], flat(test.outputs)[:, 0])
    assert scores(Judged(test.x, y, test.outputs))["r2"] == pytest.approx(one, rel=1e-6)
    y[..., 0] = 0.1
    assert scores(Judged(test.x, y, test.outputs))["r2"] is None


def test_there_is_no_skill_over_a_forecast_without_error() -> None:
    still = np.full((5, 16, 3), 3.0, np.float32)
    y = np.broadcast_to(((3.0 - MEAN) / STD).astype(np.float32), (5, 4, 2))
    found = scores(Judged(still, y, y + 1))
    assert found["skill_last"] is None
    assert found["skill_seasonal"] is None


def test_metrics_are_json_and_hold_what_the_comparison_asks_for() -> None:
    found = json.loads(json.dumps(scores(judged()), allow_nan=False))
    assert all(column.metric in found for column in forecasting.COLUMNS)
    naives = {f"{name}.mse": found[name]["mse"] for name in ("last", "seasonal")}
    assert {column.metric for column in forecasting.MSE.trivial} == set(naives)
    assert (forecasting.COLUMNS[0].metric, forecasting.COLUMNS[0].better) == ("mse", "lower")
    assert "val_mse" in found
    assert "mse_low" not in found  # windows overlap


def rows(test: Judged) -> dict[tuple[str, str], list[tuple[Any, Any]]]:
    found = defaultdict(list)
    for chart, series, x, y in forecasting.build(FACTS).charts({"test": test}):
        found[chart, series].append((x, y))
    return found


def test_the_chart_of_steps_is_that_of_the_metrics() -> None:
    test = judged()
    found, drawn = scores(test), rows(test)
    assert drawn["step", "run"] == [(int(step), mse) for step, mse in found["per_step"].items()]
    for name in ("last", "seasonal"):
        assert np.mean([y for _, y in drawn["step", name]]) == pytest.approx(found[name]["mse"])


def test_windows_are_charted_in_the_units_of_the_first_target() -> None:
    test, drawn = judged(), rows(judged())
    charts = sorted({chart for chart, _ in drawn if chart.startswith("window")})
    assert charts == ["window 1", "window 101", "window 51"]
    steps = samples.split(FACTS).x[:, :, 0].numpy()
    for chart in charts:
        n = int(chart.split()[1]) - 1
        truth = dict(drawn[chart, "truth"])
        assert list(truth) == list(range(-15, 5))
        assert [truth[step] for step in range(-15, 1)] == steps[n].tolist()
        np.testing.assert_allclose([truth[step] for step in range(1, 5)], test.y[n, :, 0] * 0.75 + 3)
        said = [y for _, y in drawn[chart, "forecast"]]
        np.testing.assert_allclose(said, test.outputs[n, :, 0] * 0.75 + 3)


def test_the_histogram_holds_nearly_all_errors_and_is_symmetric() -> None:
    middles, shares = zip(*rows(judged())["residuals", "share"], strict=True)
    assert sum(shares) == pytest.approx(0.995, abs=2e-3)
    np.testing.assert_allclose(middles, -np.array(middles)[::-1], atol=1e-12)


def test_figures_are_the_forecasts_and_their_errors() -> None:
    assert list(forecasting.build(FACTS).figures({"test": judged()})) == ["forecasts", "residuals"]
