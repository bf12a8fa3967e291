"""`python -m stages.baseline <name>`."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from stages import baseline, evaluate
from stages.core import paths, spec, splits, yaml12
from stages.core.errors import UserError
from tests import blocks, project

NAMES = ("logistic_regression", "nearest_neighbours")


@pytest.fixture(autouse=True)
def preprocessed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    project.configure()
    project.train(project.preprocess())


@pytest.mark.parametrize("name", NAMES)
def test_a_baseline_has_the_same_metrics_as_a_network(name: str) -> None:
    evaluate.main("perceptron")
    baseline.main(name)
    found, network = project.metrics(name), project.metrics("perceptron")
    assert list(found) == list(network)
    assert list(found["per_class"]) == list(network["per_class"])
    assert found["n"] == network["n"] == project.SIZES


@pytest.mark.parametrize("name", NAMES)
def test_a_second_fit_declares_the_same_bytes(name: str) -> None:
    baseline.main(name)
    first = project.declared(name)
    baseline.main(name)
    assert project.declared(name) == first


def test_the_accuracy_is_that_of_scikit_learn_on_the_raw_splits() -> None:
    baseline.main("nearest_neighbours")
    (x, y), (unseen, labels) = (
        (split.x.flatten(1).numpy() / 255.0, split.y.numpy())
        for split in (splits.load(spec.read("shapes"), name) for name in ("train", "test"))
    )
    expected = KNeighborsClassifier(5, weights="distance").fit(x, y).score(unseen, labels)
    assert project.metrics("nearest_neighbours")["accuracy"] == pytest.approx(expected)


@pytest.mark.parametrize("name", NAMES)
def test_the_classes_are_learnt(name: str) -> None:
    baseline.main(name)
    assert project.metrics(name)["accuracy"] > 0.8
    assert np.isfinite(project.metrics(name)["log_loss"])
    assert paths.timing("baseline", name).exists()


def test_a_wrong_hyper_parameter_is_told_by_its_path() -> None:
    near = blocks.baseline("shapes", "nearest_neighbours", neighbour=3)
    project.configure(baselines={"near": near})
    with pytest.raises(UserError, match=r"baselines\.near\.hyper\.neighbour .*'neighbours'"):
        baseline.main("near")


@pytest.mark.parametrize(
    ("own", "told"),
    [
        (
            {"task": "generation", "referee": "perceptron"},
            ".task must be one that the run can answer, got 'generation', which asks it to draw examples",
        ),
        ({"measure": {"explain": 3}}, ".measure.explain must be 0 for a method without gradients, got 3"),
    ],
    ids=lambda own: next(iter(own)),
)
def test_a_method_that_its_task_cannot_ask_is_refused_before_it_is_fitted(
    own: dict[str, object], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = yaml12.load(Path("params.yaml"))["baselines"]
    blocks["logistic_regression"] |= own
    project.configure(baselines=blocks)
    monkeypatch.setattr(splits, "load", lambda *_: pytest.fail("it was to be fitted"))
    with pytest.raises(UserError) as caught:
        baseline.main("logistic_regression")
    assert str(caught.value) == f"baselines.logistic_regression{told}"
    assert not paths.metrics("logistic_regression").exists()


def test_an_unknown_baseline_names_the_nearest() -> None:
    with pytest.raises(UserError, match="nearest_neighbours"):
        baseline.main("nearest_neighbour")
