"""Every figure of the task, against scikit-learn, counts of pairs and data whose answer is known."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn import metrics as reference

from stages.classical import pca
from stages.core import inputs, rooms
from stages.core.errors import UserError
from stages.core.splits import Split
from stages.judging import anomalies, intervals, subject
from stages.judging.restoration import measured
from stages.judging.verdict import Judged
from stages.tasks import anomaly_detection
from tests import drawn, samples
from tests.compared import assert_better, declared

NORMAL = ("class 1", "class 3")
FACTS = samples.spec((1, 4, 4), classes=4).model_copy(update={"normal": NORMAL})
TASK = anomaly_detection.build(FACTS)


def judged(scores: NDArray[np.float64], y: NDArray[Any], *, latent: int = 0) -> Judged:
    """Black images whose reconstructions have those errors."""
    outputs = np.sqrt(scores)[:, None, None, None] * np.ones((1, 1, 4, 4))
    beside = {"encode": np.random.default_rng(0).normal(size=(len(y), latent))} if latent else {}
    x = np.zeros(outputs.shape, np.uint8)
    return measured(Judged(x, y, outputs.astype(np.float32), beside), x)


def sets(*, seed: int = 0, latent: int = 0, apart: float = 0.1) -> dict[str, Judged]:
    """Train and val of normal classes alone, and a test split whose anomalies mostly have higher scores."""
    draw, y = np.random.default_rng(seed), np.arange(202) % 4
    normal = {
        name: judged(0.1 + 0.1 * draw.random(count), 1 + 2 * (np.arange(count) % 2))
        for name, count in (("train", 300), ("val", 100))
    }
    scores = 0.1 + 0.1 * draw.random(len(y)) + apart * (y % 2 == 0) * draw.random(len(y))
    return normal | {"test": judged(scores, y, latent=latent)}


def scored(said: Judged) -> NDArray[np.float64]:
    """The error of each image (N), as the float32 of its reconstruction has it."""
    return np.square(said.outputs.astype(float)).mean(axis=(1, 2, 3))


def test_areas_are_those_of_scikit_learn_and_of_counting_pairs() -> None:
    asked = sets()
    found, scores, anomalous = TASK.metrics(asked), scored(asked["test"]), asked["test"].y % 2 == 0
    assert found["auroc"] == pytest.approx(reference.roc_auc_score(anomalous, scores))
    assert found["auroc"] == pytest.approx((scores[anomalous][:, None] > scores[~anomalous]).mean())
    assert found["average_precision"] == pytest.approx(reference.average_precision_score(anomalous, scores))
    error = partial(anomalies.area_error, anomalous=101, normal=101)
    assert (found["auroc_low"], found["auroc_high"]) == intervals.of_score(found["auroc"], error)


def test_the_threshold_is_the_quantile_of_val_and_the_rates_are_those_of_test() -> None:
    asked = sets()
    task = anomaly_detection.build(FACTS, false_alarms=0.2)
    found, scores, anomalous = task.metrics(asked), scored(asked["test"]), asked["test"].y % 2 == 0
    assert found["threshold"] == pytest.approx(np.quantile(scored(asked["val"]), 0.8))
    alarms = scores > found["threshold"]
    assert found["false_alarm_rate"] == alarms[~anomalous].mean()
    assert found["detection_rate"] == reference.recall_score(anomalous, alarms)
    for k, name in enumerate(FACTS.classes):
        own = asked["test"].y == k
        expected = {"score": scores[own].mean(), "detected": alarms[own].mean()}
        assert found["per_class"][name] == pytest.approx(expected)


def test_errors_of_normal_images_are_told_by_split() -> None:
    asked = sets()
    found = TASK.metrics(asked)
    for name in ("train", "val"):
        assert found[f"{name}_mse"] == pytest.approx(scored(asked[name]).mean())
    assert found["mse_normal"] == pytest.approx(scored(asked["test"])[1::2].mean())
    assert found["n"] == {"train": 300, "val": 100, "test": 202, "test_normal": 101, "test_anomalous": 101}


def test_no_anomaly_takes_part_in_what_chooses() -> None:
    near, far = (TASK.metrics(sets(apart=apart)) for apart in (0.0, 9.0))
    assert near["auroc"] < 0.6 and far["auroc"] > 0.95
    for chosen in ("threshold", "val_mse", "false_alarm_rate"):
        assert near[chosen] == pytest.approx(far[chosen])


def test_what_stands_apart_is_found_with_certainty() -> None:
    asked = sets()
    y = asked["test"].y
    apart = TASK.metrics(asked | {"test": judged(np.where(y % 2, 0.1, 0.9), y)})
    assert (apart["auroc"], apart["average_precision"]) == (1, 1)
    assert 0.9 < apart["auroc_low"] < 1 and apart["auroc_high"] == pytest.approx(1)
    assert (apart["detection_rate"], apart["false_alarm_rate"]) == (1, 0)


def test_anomalies_that_stand_apart_from_smaller_errors_are_better_in_every_column() -> None:
    halved = {name: judged(scored(said) / 2, said.y) for name, said in sets(apart=9.0).items()}
    assert_better(anomaly_detection, TASK.metrics(halved), TASK.metrics(sets(apart=0.0)))


def test_metrics_are_json_and_hold_what_the_comparison_asks_for() -> None:
    found = TASK.metrics(sets())
    json.dumps(found, allow_nan=False)
    assert all(isinstance(found[column.metric], float) for column in declared(anomaly_detection))
    first = anomaly_detection.COLUMNS[0]
    assert (first.metric, first.better) == ("auroc", "higher")
    assert found["chance_auroc"] == 0.5
    assert found["auroc_low"] < found["auroc"] < found["auroc_high"]
    assert (anomaly_detection.CHOICE.metric, anomaly_detection.CHOICE.better) == ("val_mse", "lower")


def test_a_class_that_test_lacks_is_null() -> None:
    asked = sets()
    y = np.where(asked["test"].y == 2, 0, asked["test"].y)
    found = TASK.metrics(asked | {"test": judged(scored(asked["test"]), y)})
    assert found["per_class"]["class 2"] == {"score": None, "detected": None}
    json.dumps(found, allow_nan=False)


def test_the_area_under_the_roc_chart_is_the_score_and_the_histogram_holds_both_sides() -> None:
    asked = sets()
    rows, found = list(TASK.charts(asked)), TASK.metrics(asked)
    roc = [(x, y) for chart, _, x, y in rows if chart == "roc"]
    assert reference.auc(*zip(*roc, strict=True)) == pytest.approx(found["auroc"], abs=0.005)
    recalls = [x for chart, _, x, _ in rows if chart == "pr"]
    assert (recalls[0], recalls[-1]) == (0, 1)
    for side in ("normal", "anomalous"):
        shares = [float(y) for chart, series, _, y in rows if (chart, series) == ("scores", side)]
        assert sum(shares) == pytest.approx(1, abs=0.02)
    assert [row for row in rows if row[0] == "threshold"] == [
        ("threshold", "threshold", found["threshold"], 0)
    ]


def test_latents_are_drawn_where_there_are_some() -> None:
    names = ["extremes", "mistakes", "scores"]
    assert list(TASK.figures(sets())) == names
    assert list(TASK.figures(sets(latent=3))) == [*names, "latents"]


def test_what_a_run_never_saw_stands_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Components of bright bands in two places leave the errors of bands in others."""
    monkeypatch.chdir(tmp_path)
    samples.write(FACTS)
    train = samples.split(FACTS)
    arrays = inputs.whole(Split(*train.take(torch.arange(1, len(train), 2))), FACTS)
    method = pca.build(FACTS, components=3)
    method.fit(arrays, arrays)
    asked = TASK.ask(samples.subject(FACTS, subject.classical(method)))
    assert list(asked) == ["train", "val", "test"]
    assert TASK.metrics(asked)["auroc"] > 0.9


def test_data_without_normal_classes_are_refused() -> None:
    told = r"^task anomaly_detection must be given a data set with normal_classes, got 'sample': name them in"
    with pytest.raises(UserError, match=rf"{told} datasets\.sample\.encode$"):
        rooms.build("tasks", "anomaly_detection", samples.spec(), {}, at="models.run.measure")


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_share_of_false_alarms_lies_between_none_and_all(share: float) -> None:
    with pytest.raises(UserError, match=r"^models\.run\.measure\.false_alarms must be (greater|less) than"):
        rooms.build("tasks", "anomaly_detection", FACTS, {"false_alarms": share}, at="models.run.measure")


def test_the_template_draws_every_chart_of_the_task() -> None:
    assert drawn.charts("anomaly_detection") == {chart for chart, *_ in TASK.charts(sets())}
