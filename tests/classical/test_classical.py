"""The classical methods, against second derivations."""

from typing import Any

import numpy as np
import pytest

from stages.classical import logistic_regression, nearest_neighbours
from stages.core import rooms
from stages.core.errors import UserError
from stages.core.inputs import Arrays
from stages.core.spec import Images
from tests import samples

METHODS = ("logistic_regression", "nearest_neighbours")


def blobs(facts: Images, *, seed: int = 0) -> Arrays:
    """Points around one corner for each class."""
    draw = np.random.default_rng(seed)
    y = np.arange(facts.size("train")) % len(facts.classes)
    return Arrays((draw.normal(size=(len(y), 5)) + 3 * np.eye(5)[y]).astype(np.float32), y)


def fit(method: Any, x: list[list[float]], y: list[int]) -> None:
    """Fit to a few points; there is nothing to choose."""
    points = Arrays(np.array(x), np.array(y))
    method.fit(points, points)


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("name", METHODS)
def test_a_method_learns_blobs_and_gives_finite_logits_for_every_class(name: str, classes: int) -> None:
    facts = samples.spec(classes=classes)
    method = rooms.build("classical", name, facts, {}, at="baselines")
    x, y = blobs(facts)
    method.fit(Arrays(x, y), blobs(facts, seed=2))
    fresh, labels = blobs(facts, seed=1)
    logits = method.answer(fresh)
    assert logits.shape == (len(fresh), classes)
    assert np.isfinite(logits).all()
    assert (logits.argmax(axis=1) == labels).mean() > 0.8


@pytest.mark.parametrize("name", METHODS)
def test_fitting_twice_gives_the_same_bytes(name: str) -> None:
    facts = samples.spec()
    answers = []
    for _ in range(2):
        method = rooms.build("classical", name, facts, {}, at="baselines")
        method.fit(blobs(facts), blobs(facts, seed=2))
        answers.append(method.answer(blobs(facts, seed=1)[0]).tobytes())
    assert answers[0] == answers[1]


@pytest.mark.parametrize("classes", [3, 4])
def test_logistic_regression_stands_where_the_gradient_of_its_objective_is_zero(classes: int) -> None:
    facts, l2 = samples.spec(classes=classes), 0.05
    method = logistic_regression.build(facts, l2=l2)
    x, y = blobs(facts)
    method.fit(Arrays(x, y), blobs(facts, seed=2))
    logits = method.answer(x).astype(np.float64)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    residuals = shares / shares.sum(axis=1, keepdims=True) - np.eye(classes)[y]
    bias = method.answer(np.zeros((1, 5), dtype=np.float32))
    weights = method.answer(np.eye(5, dtype=np.float32)) - bias  # (D, K)
    assert np.abs(x.T @ residuals / len(y) + l2 * weights).max() < 2e-3


def test_the_logits_of_two_classes_give_the_probabilities_of_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    facts = samples.spec(classes=2)
    method = logistic_regression.build(facts, l2=0.5)
    x, y = blobs(facts)
    method.fit(Arrays(x, y), blobs(facts, seed=2))
    logits = method.answer(x)
    expected = LogisticRegression(C=1 / (0.5 * len(y)), tol=1e-3).fit(x, y).predict_proba(x)
    assert np.exp(logits[:, 1]) / np.exp(logits).sum(axis=1) == pytest.approx(expected[:, 1], abs=1e-5)


def test_logistic_regression_is_refused_where_train_lacks_a_class() -> None:
    facts = samples.spec(classes=3).model_copy(update={"counts": {"train": (9, 9, 0)}})
    with pytest.raises(UserError, match=r"train images of every class, got 'sample' with none of 'class 2'$"):
        rooms.build("classical", "logistic_regression", facts, {}, at="baselines.linear.hyper")


def test_neighbours_vote_by_inverse_distance_and_smoothing_spreads_evenly() -> None:
    method = nearest_neighbours.build(samples.spec(classes=3), neighbours=3, smoothing=0.6)
    fit(method, [[0.0], [3.0], [4.0], [50.0]], [0, 1, 1, 2])
    votes = np.array([1 / 1, 1 / 2 + 1 / 3, 0])  # at 1, the neighbours are 1, 2 and 3 away
    expected = (3 * votes / votes.sum() + 0.2) / 3.6
    assert np.exp(method.answer(np.array([[1.0]])))[0] == pytest.approx(expected)


def test_a_class_that_train_lacks_keeps_its_place_among_the_neighbours() -> None:
    method = nearest_neighbours.build(samples.spec(classes=3), neighbours=1, smoothing=0.3)
    fit(method, [[0.0], [3.0]], [0, 2])
    assert np.exp(method.answer(np.array([[2.9]])))[0] == pytest.approx([0.1 / 1.3, 0.1 / 1.3, 1.1 / 1.3])


def test_parameters_are_weights_and_biases_or_the_values_remembered() -> None:
    facts = samples.spec(classes=4)
    counts = {}
    for name in METHODS:
        method = rooms.build("classical", name, facts, {}, at="baselines")
        method.fit(blobs(facts), blobs(facts, seed=2))
        counts[name] = method.parameters
    assert counts == {"logistic_regression": 4 * 5 + 4, "nearest_neighbours": facts.size("train") * 5}


def test_more_neighbours_than_train_examples_are_refused() -> None:
    told = r"^baselines.near.hyper.neighbours must be at most the 64 train examples, got 65$"
    with pytest.raises(UserError, match=told):
        rooms.build(
            "classical",
            "nearest_neighbours",
            samples.spec(classes=4),
            {"neighbours": 65},
            at="baselines.near.hyper",
        )


@pytest.mark.parametrize(
    ("name", "hyper", "told"),
    [
        ("nearest_neighbours", {"neighbours": 0}, r"hyper\.neighbours"),
        ("nearest_neighbours", {"smoothing": 0.0}, r"hyper\.smoothing"),
        ("logistic_regression", {"l2": -1.0}, r"hyper\.l2"),
        ("logistic_regression", {"iteration": 5}, r"'iterations'"),
    ],
)
def test_wrong_hyper_parameters_are_told_by_their_path(name: str, hyper: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError, match=told):
        rooms.build("classical", name, samples.spec(), hyper, at=f"baselines.{name}.hyper")
