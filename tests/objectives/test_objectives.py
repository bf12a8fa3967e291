"""Objectives: scikit-learn and formulas written out in numpy are the referees."""

import numpy as np
import pytest
import torch
from sklearn.metrics import brier_score_loss, log_loss
from sklearn.utils.class_weight import compute_class_weight
from torch import Tensor

from stages.core import rooms
from stages.core.errors import UserError
from stages.core.splits import Batch
from stages.modelling.contracts import Objective
from tests import samples

SPEC = samples.spec(classes=3).model_copy(update={"counts": {"train": (60, 30, 10)}})
NAMES = ["cross_entropy", "binary_cross_entropy", "squared_error", "perceptron"]


@pytest.fixture
def logits() -> Tensor:
    return torch.randn(40, 3, generator=torch.Generator().manual_seed(0)) * 2


@pytest.fixture
def labels() -> Tensor:
    return torch.arange(40) % 3


def objective(name: str, **loss: object) -> Objective:
    found: Objective = rooms.build("objectives", name, SPEC, loss, at="models.sample.loss")
    return found


def value(name: str, logits: Tensor, labels: Tensor, **loss: object) -> float:
    (turn,) = objective(name, **loss).losses(torch.nn.Identity(), Batch(logits, labels))
    return float(turn.loss)


def probabilities(logits: Tensor) -> np.ndarray:
    return logits.double().softmax(1).numpy()


def test_cross_entropy_is_the_log_loss(logits: Tensor, labels: Tensor) -> None:
    assert value("cross_entropy", logits, labels) == pytest.approx(
        log_loss(labels, probabilities(logits)), rel=1e-5
    )


def test_balanced_weights_are_scikit_learns(logits: Tensor, labels: Tensor) -> None:
    train = np.repeat([0, 1, 2], [60, 30, 10])
    weights = compute_class_weight("balanced", classes=np.arange(3), y=train)
    expected = log_loss(labels, probabilities(logits), sample_weight=weights[labels], normalize=False)
    found = value("cross_entropy", logits, labels, class_weights="balanced")
    assert found == pytest.approx(expected / len(labels), rel=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_with_balanced_weights_the_loss_of_all_is_that_of_its_batches(
    logits: Tensor, labels: Tensor, smoothing: float
) -> None:
    """Also where each batch holds one class alone, as a validation split does that lies in their order."""

    def loss(rows: Tensor) -> float:
        asked = {"class_weights": "balanced", "label_smoothing": smoothing}
        return value("cross_entropy", logits[rows], labels[rows], **asked)

    batches = [torch.nonzero(labels == label)[:, 0] for label in labels.unique()]
    assert len(batches) > 1
    mean = sum(len(rows) * loss(rows) for rows in batches) / len(labels)
    assert loss(torch.arange(len(labels))) == pytest.approx(mean, rel=1e-5)


def test_balanced_weights_are_refused_where_train_lacks_a_class() -> None:
    facts = SPEC.model_copy(update={"counts": {"train": (60, 0, 10)}})
    told = r"^models\.sample\.loss\.class_weights must be none where train lacks a class, got 'balanced'$"
    with pytest.raises(UserError, match=told):
        rooms.build(
            "objectives", "cross_entropy", facts, {"class_weights": "balanced"}, at="models.sample.loss"
        )


def test_label_smoothing_mixes_in_the_even_distribution(logits: Tensor, labels: Tensor) -> None:
    smooth = 0.9 * np.eye(3)[labels] + 0.1 / 3
    expected = -(smooth * np.log(probabilities(logits))).sum(1).mean()
    assert value("cross_entropy", logits, labels, label_smoothing=0.1) == pytest.approx(expected, rel=1e-5)


def test_binary_cross_entropy_sums_each_class_against_the_rest(logits: Tensor, labels: Tensor) -> None:
    sigmoid = 1 / (1 + np.exp(-logits.double().numpy()))
    expected = sum(log_loss(labels == k, sigmoid[:, k]) for k in range(3))
    assert value("binary_cross_entropy", logits, labels) == pytest.approx(expected, rel=1e-5)


def test_squared_error_is_the_brier_score(logits: Tensor, labels: Tensor) -> None:
    expected = brier_score_loss(labels, probabilities(logits), scale_by_half=False)
    assert value("squared_error", logits, labels) == pytest.approx(expected, rel=1e-5)


def test_the_perceptron_criterion_is_what_the_winner_has_too_much(logits: Tensor, labels: Tensor) -> None:
    z = logits.numpy()
    expected = np.mean([row.max() - row[label] for row, label in zip(z, labels, strict=True)])
    assert value("perceptron", logits, labels) == pytest.approx(expected, rel=1e-5)


def test_the_perceptron_gradient_goes_to_one_winner_where_scores_tie() -> None:
    logits = torch.zeros(1, 3, requires_grad=True)
    (turn,) = objective("perceptron").losses(torch.nn.Identity(), Batch(logits, torch.tensor([2])))
    turn.loss.backward()
    assert logits.grad is not None
    assert logits.grad.tolist() == [[1, 0, -1]]


@pytest.mark.parametrize("name", NAMES)
def test_loss_and_accuracy_are_means_over_the_batch(name: str, logits: Tensor, labels: Tensor) -> None:
    batch = Batch(logits.repeat(2, 1), labels.repeat(2))
    (turn,) = objective(name).losses(torch.nn.Identity(), batch)
    assert float(turn.loss) == pytest.approx(value(name, logits, labels), rel=1e-5)
    expected = (logits.argmax(1) == labels).float().mean()
    assert float(turn.measures["accuracy"]) == pytest.approx(float(expected))
    assert set(turn.measures) == set(objective(name).measures)
