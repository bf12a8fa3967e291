"""Every figure of the task, against scikit-learn called directly, closed forms and second derivations."""

import json
import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as reference

from stages.core.spec import Images
from stages.judging import intervals, probabilities
from stages.judging.verdict import Judged
from stages.tasks import classification
from tests.compared import assert_better

SIZE = 400


def facts(classes: int) -> Images:
    return Images(
        dataset="sample",
        source="digits",
        shape=(1, 2, 2),
        classes=tuple(f"c{k}" for k in range(classes)),
        counts={"train": (), "val": (), "test": ()},
        mean=(0.5,),
        std=(0.25,),
        sha256={},
    )


def judged(outputs: Any, y: Any) -> Judged:
    labels = np.array(y, dtype=np.int64)
    x = np.zeros((len(labels), 1, 2, 2), dtype=np.uint8)
    return Judged(x=x, y=labels, outputs=np.array(outputs, dtype=np.float32))


def noisy(classes: int, *, seed: int = 0) -> Judged:
    """Outputs that are right more often than not."""
    draw = np.random.default_rng(seed)
    y = draw.integers(0, classes, SIZE)
    return judged(draw.normal(size=(SIZE, classes)) + 1.5 * np.eye(classes)[y], y)


def scores(test: Judged, *, train: Judged | None = None, val: Judged | None = None) -> dict[str, Any]:
    spec = facts(test.outputs.shape[1])
    return classification.build(spec).metrics({"train": train or test, "val": val or test, "test": test})


def softmax(outputs: NDArray[Any]) -> NDArray[np.float64]:
    shares = np.exp(outputs.astype(np.float64) - outputs.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_every_score_is_that_of_scikit_learn(classes: int) -> None:
    test = noisy(classes)
    y, said, shares = test.y, test.outputs.argmax(axis=1), softmax(test.outputs)
    found = scores(test)
    expected = {
        "accuracy": reference.accuracy_score(y, said),
        "log_loss": reference.log_loss(y, shares),
        "roc_auc": reference.roc_auc_score(y, shares[:, 1])
        if classes == 2
        else reference.roc_auc_score(y, shares, multi_class="ovr", average="macro"),
    }
    for average in ("macro", "weighted"):
        expected |= {
            f"precision_{average}": reference.precision_score(y, said, average=average),
            f"recall_{average}": reference.recall_score(y, said, average=average),
            f"f1_{average}": reference.f1_score(y, said, average=average),
        }
    assert {key: found[key] for key in expected} == pytest.approx(expected, rel=1e-9)


def test_the_scores_of_a_class_are_those_of_scikit_learn() -> None:
    test = noisy(4)
    table = reference.classification_report(test.y, test.outputs.argmax(axis=1), output_dict=True)
    for k in range(4):
        found = scores(test)["per_class"][f"c{k}"]
        expected = table[str(k)]
        assert found["support"] == expected["support"]
        assert [found["precision"], found["recall"], found["f1"]] == pytest.approx(
            [expected["precision"], expected["recall"], expected["f1-score"]]
        )


def test_the_calibration_error_is_that_of_counting_bin_by_bin() -> None:
    test = noisy(5)
    shares = softmax(test.outputs)
    bins: dict[int, list[tuple[float, bool]]] = {}
    for row, label in zip(shares.tolist(), test.y.tolist(), strict=True):
        confidence = max(row)
        bins.setdefault(math.ceil(confidence * 15), []).append((confidence, row.index(confidence) == label))
    expected = sum(abs(sum(said - right for said, right in members)) for members in bins.values()) / SIZE
    assert scores(test)["expected_calibration_error"] == pytest.approx(expected)


def test_a_confidence_on_the_edge_of_a_bin_belongs_to_the_lower_bin() -> None:
    confidence = np.array([9.5, 10, 10.01]) / 15
    found = list(probabilities.bins(np.array([True, False, True]), confidence))
    assert found == [
        (pytest.approx(9.75 / 15), 0.5, pytest.approx(2 / 3)),
        (10.01 / 15, 1, pytest.approx(1 / 3)),
    ]


def test_outputs_that_are_all_alike_have_the_log_loss_of_the_dice() -> None:
    found = scores(judged(np.zeros((6, 6)), range(6)))
    assert found["log_loss"] == pytest.approx(math.log(6))
    assert found["roc_auc"] == pytest.approx(0.5)
    assert found["expected_calibration_error"] == pytest.approx(0, abs=1e-12)


def test_the_interval_of_the_accuracy_is_that_of_wilson() -> None:
    found = scores(judged(np.eye(2)[[0, 0, 0, 1]] * 9, [0, 0, 0, 0]))
    assert (found["accuracy_low"], found["accuracy_high"]) == intervals.of_share(3, 4)
    perfect = scores(judged(np.eye(2)[[0, 1]] * 9, [0, 1]))
    assert perfect["accuracy_low"] < perfect["accuracy"] == perfect["accuracy_high"] == 1


def test_chance_is_the_share_of_the_largest_class_of_test() -> None:
    found = scores(judged(np.eye(3)[[0, 0, 0, 1, 2]], [1, 1, 1, 0, 2]))
    assert found["chance_accuracy"] == pytest.approx(3 / 5)


def test_gaps_are_train_less_test() -> None:
    train, val, test = (noisy(3, seed=seed) for seed in (1, 2, 3))
    found = scores(test, train=train, val=val)
    for split, answers in (("train", train), ("val", val)):
        alone = scores(answers)
        assert found[f"{split}_accuracy"] == alone["accuracy"]
        assert found[f"{split}_log_loss"] == alone["log_loss"]
    assert found["accuracy_gap"] == pytest.approx(found["train_accuracy"] - found["accuracy"])
    assert found["log_loss_gap"] == pytest.approx(found["train_log_loss"] - found["log_loss"])
    assert found["n"] == {"train": SIZE, "val": SIZE, "test": SIZE}


def test_whoever_is_right_and_sure_of_it_is_better_in_every_column() -> None:
    bad = noisy(4)
    assert_better(classification, scores(judged(20 * np.eye(4)[bad.y], bad.y)), scores(bad))


def test_as_many_examples_as_fit_a_picture_may_be_explained() -> None:
    assert classification.build(facts(2), explain=classification.MOST_EXPLAINED)


def test_huge_outputs_give_finite_scores() -> None:
    outputs = np.array([[3e38, -3e38], [-3e38, 3e38], [3e38, -3e38]])
    found = scores(judged(outputs, [0, 1, 1]))
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["log_loss"] == pytest.approx(6e38 / 3, rel=1e-6)
    assert found["expected_calibration_error"] == pytest.approx(1 / 3)


HOLES = {
    "a class neither there nor said": (np.eye(3)[[0, 1, 0, 1]] * 5, [0, 1, 1, 1]),
    "a class said but not there": (np.eye(3)[[0, 1, 2, 1]] * 5, [0, 1, 1, 1]),
    "a class there but never said": (np.eye(3)[[0, 1, 0, 1]] * 5, [0, 1, 2, 1]),
    "one class alone in the split": (np.eye(3)[[0, 0, 0, 1]] * 5, [0, 0, 0, 0]),
    "one class in all": (np.ones((4, 1)), [0, 0, 0, 0]),
    "one example": (np.eye(3)[[2]] * 5, [1]),
}


@pytest.mark.parametrize("name", HOLES)
def test_what_the_split_lacks_leaves_no_nan_and_no_key_out(name: str) -> None:
    test = judged(*HOLES[name])
    found = scores(test)
    assert set(found) == set(scores(noisy(3)))
    json.dumps(found, allow_nan=False)
    for row in classification.build(facts(test.outputs.shape[1])).charts({"test": test}):
        assert not any(isinstance(value, float) and not math.isfinite(value) for value in row)


def test_a_class_neither_there_nor_said_is_null_and_counts_in_no_mean() -> None:
    test = judged(*HOLES["a class neither there nor said"])
    found = scores(test)
    assert found["per_class"]["c2"] == {"precision": None, "recall": None, "f1": None, "support": 0}
    assert found["recall_macro"] == pytest.approx((1 + 2 / 3) / 2)


def test_a_class_there_but_never_said_has_precision_zero() -> None:
    found = scores(judged(*HOLES["a class there but never said"]))
    assert found["per_class"]["c2"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1}


def test_roc_auc_is_null_where_one_class_stands_alone_and_else_the_mean_of_the_others() -> None:
    assert scores(judged(*HOLES["one class alone in the split"]))["roc_auc"] is None
    absent = noisy(3)
    kept = absent.y != 2
    outputs, y = absent.outputs[kept], absent.y[kept]
    shares = softmax(outputs)
    expected = np.mean([reference.roc_auc_score(y == k, shares[:, k]) for k in (0, 1)])
    assert scores(judged(outputs, y))["roc_auc"] == pytest.approx(expected)


def chart(test: Judged, name: str) -> dict[str, list[tuple[Any, Any]]]:
    series: dict[str, list[tuple[Any, Any]]] = {}
    for kind, key, x, y in classification.build(facts(test.outputs.shape[1])).charts({"test": test}):
        if kind == name:
            series.setdefault(key, []).append((x, y))
    return series


def test_the_confusion_chart_counts_every_example_once() -> None:
    test = noisy(4)
    counts = reference.confusion_matrix(test.y, test.outputs.argmax(axis=1))
    expected = {f"c{i}": [(f"c{j}", int(counts[i, j])) for j in range(4)] for i in range(4)}
    assert chart(test, "confusion") == expected


def test_the_area_under_the_roc_chart_is_the_score_though_its_points_are_few() -> None:
    test = noisy(3)
    areas = [reference.auc(*zip(*points, strict=True)) for points in chart(test, "roc").values()]
    assert np.mean(areas) == pytest.approx(scores(test)["roc_auc"], abs=0.005)
    assert all(len(points) <= 64 for points in chart(test, "roc").values())
    assert all((points[0], points[-1]) == ((0, 0), (1, 1)) for points in chart(test, "roc").values())


def test_precision_recall_runs_from_recall_0_to_the_first_point_of_recall_1() -> None:
    for points in chart(noisy(3), "pr").values():
        recalls = [recall for recall, _ in points]
        assert recalls == sorted(recalls)
        assert (recalls[0], recalls.count(1.0), recalls[-1]) == (0, 1, 1)
        assert len(points) <= 64


def test_the_shares_of_the_calibration_chart_sum_to_all_examples() -> None:
    points = chart(noisy(3), "calibration")
    assert sum(share for _, share in points["share"]) == pytest.approx(1)
    assert len(points["share"]) == len(points["accuracy"]) <= 15


def test_more_than_twenty_classes_share_one_curve() -> None:
    assert set(chart(noisy(21), "roc")) == {"all classes"}
    assert len(chart(noisy(20), "roc")) == 20


def test_the_worst_mistake_is_the_wrong_class_held_most_probable() -> None:
    outputs = np.array([[9, 0, 0], [2, 0, 0], [0, 5, 0], [0, 0, 3]])
    figure = classification.build(facts(3)).figures({"test": judged(outputs, [0, 1, 2, 0])})["mistakes"]
    lines = [text.get_text() for axes in figure.axes for text in axes.texts if text.get_text()]
    shares = softmax(outputs)
    assert lines == [
        *(f"c1, {shares[2, 1]:.0%}", "c2"),
        *(f"c2, {shares[3, 2]:.0%}", "c0"),
        *(f"c0, {shares[1, 0]:.0%}", "c1"),
    ]


def test_a_run_without_mistakes_has_a_figure_that_says_so() -> None:
    figure = classification.build(facts(2)).figures({"test": judged(np.eye(2), [0, 1])})["mistakes"]
    assert [text.get_text() for text in figure.texts] == ["No mistakes on 2 test examples"]
