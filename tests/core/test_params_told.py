"""params.yaml, broken: how each mistake is told."""

import copy

import pytest

from tests.manual import CONTENT, verdict
from tests.mutations import ABSENT, changed

GENERATOR = next(name for name, run in CONTENT["models"].items() if run["task"] == "generation")


@pytest.mark.parametrize(
    ("path", "given", "told"),
    [
        # What is shared is told once, not for each block that inherits it.
        ("fit.learning_rate", -1, "fit.learning_rate must be greater than 0, got -1"),
        ("fit.augment.flip", "yes", "fit.augment.flip must be true or false, got 'yes'; write true"),
        ("fit.augment", [], "fit.augment must be a mapping, got []"),
        ("fit", None, "fit must be a mapping, got nothing; write {} for an empty one"),
        ("fit", ABSENT, "fit is missing"),
        ("split.val", 1, "split.val must be less than 1, got 1"),
        ("split", ABSENT, "split is missing"),
        # What is a block's own is told as its own.
        (
            "models.mlp.fit.learning_rate",
            -1,
            "models.mlp.fit.learning_rate must be greater than 0, got -1",
        ),
        ("models.cnn.fit.augment", 1, "models.cnn.fit.augment must be a mapping, got 1"),
        ("fit.betas", [0.9], "fit.betas must be a list of 2 values, got [0.9]"),
        ("fit.betas", 0.9, "fit.betas must be a list, got 0.9"),
        (
            "fit.betas",
            [0.9] * 3,
            "fit.betas must be a list of 2 values, got [0.9, 0.9, 0.9]",
        ),
        (
            "fit.groups",
            {"head": {"parameters": "head.*", "frozen": "no"}},
            "fit.groups.head.frozen must be a number of epochs or always, got 'no'",
        ),
        (
            "models.transfer_finetuned.fit.epochs",
            3,
            "models.transfer_finetuned.fit.groups.body.frozen must be less than epochs (3) or always, got 10",
        ),
        ("models.mlp.fit.parts", {"model": 1}, "models.mlp.fit.parts.model must be a mapping, got 1"),
        (
            "models.mlp.fit.parts",
            {"model": {"optimizer": "sgd", "nesterov": True, "momentum": 0.0}},
            "models.mlp.fit.parts.model.momentum must be greater than 0 with nesterov, got 0",
        ),
        (
            "models.mlp.fit.parts",
            {"model": {"learing_rate": 1}},
            "models.mlp.fit.parts.model.learing_rate is not known; did you mean 'learning_rate'?",
        ),
        (
            "models.mlp",
            CONTENT["models"]["mlp"]
            | {"fit": {"sampler": "balanced"}, "loss": {"class_weights": "balanced"}},
            "models.mlp.loss.class_weights must be none beside fit.sampler balanced, "
            "as both would overdo it, got 'balanced'",
        ),
        (
            "models.cnn.fit",
            None,
            "models.cnn.fit must be a mapping, got nothing; write {} for an empty one",
        ),
        ("fit.betas", None, "fit.betas must be a list, got nothing; write [] for an empty one"),
        # Quotes make text of what is none.
        ("fit.epochs", "5", "fit.epochs must be a valid integer, got '5'; quotes make it text: write 5"),
        ("fit.epochs", "five", "fit.epochs must be a valid integer, got 'five'"),
        (
            "fit.learning_rate",
            "1e-3",
            "fit.learning_rate must be a valid number, got '1e-3'; quotes make it text: write 1e-3",
        ),
        ("fit.l1", "1", "fit.l1 must be a valid number, got '1'; quotes make it text: write 1"),
        (
            "fit.nesterov",
            "true",
            "fit.nesterov must be true or false, got 'true'; quotes make it text: write true",
        ),
        # What a value is meant to be, where it tells.
        ("fit.epochs", 40.0, "fit.epochs must be a valid integer, got 40.0; write 40"),
        ("fit.epochs", 1e300, "fit.epochs must be a valid integer, got 1e+300"),
        ("fit.epochs", "1_000", "fit.epochs must be a valid integer, got '1_000'; write 1000"),
        ("fit.epochs", "10,000", "fit.epochs must be a valid integer, got '10,000'; write 10000"),
        ("fit.l1", "0,003", "fit.l1 must be a valid number, got '0,003'; write 0.003"),
        ("fit.l1", "1,5e-3", "fit.l1 must be a valid number, got '1,5e-3'; write 1.5e-3"),
        *(
            ("fit.l1", text, f"fit.l1 must be a valid number, got '{text}'")
            for text in ("10,000", "-1,000", "1,000 %", ".inf", "-.inf", ".nan")
        ),
        ("fit.l1", "12,0035", "fit.l1 must be a valid number, got '12,0035'; write 12.0035"),
        ("fit.l1", "-0,003", "fit.l1 must be a valid number, got '-0,003'; write -0.003"),
        ("fit.l1", "1/3", "fit.l1 must be a valid number, got '1/3'"),
        ("split.val", "15 %", "split.val must be a valid number, got '15 %'; write 0.15"),
        ("fit.nesterov", "Off", "fit.nesterov must be true or false, got 'Off'; write false"),
        ("fit.nesterov", 1, "fit.nesterov must be true or false, got 1; write true"),
        ("fit.nesterov", "maybe", "fit.nesterov must be true or false, got 'maybe'"),
        ("models.mlp.fit.betas", [], "models.mlp.fit.betas must be a list of 2 values, got []"),
        (
            "models.mlp.fit.parts",
            {"model": {"betas": [0.9]}},
            "models.mlp.fit.parts.model.betas must be a list of 2 values, got [0.9]",
        ),
        (
            "models.cnn.hyper",
            "width:4",
            "models.cnn.hyper must be a mapping, got 'width:4'; "
            "a space stands behind a colon: write width: 4",
        ),
        (
            "models.cnn.fit",
            "epochs:4 l1:0.5",
            "models.cnn.fit must be a mapping, got 'epochs:4 l1:0.5'; "
            "a space stands behind a colon: write epochs: 4",
        ),
        # What may be empty is told so where it is missing.
        ("models.cnn.loss", ABSENT, "models.cnn.loss is missing; write `loss: {}` for an empty one"),
        ("models.cnn.fit", ABSENT, "models.cnn.fit is missing; `fit: {}` takes all that is shared"),
        ("pretrained", ABSENT, "pretrained is missing; write `pretrained: {}` for an empty one"),
        # A key that another block has is told with its place.
        ("learning_rate", 1, "learning_rate is not known; did you mean fit.learning_rate?"),
        (
            "models.cnn.learning_rate",
            1,
            "models.cnn.learning_rate is not known; did you mean models.cnn.fit.learning_rate?",
        ),
        (
            "models.cnn.fit.flip",
            True,
            "models.cnn.fit.flip is not known; did you mean models.cnn.fit.augment.flip?",
        ),
        ("models.cnn.fit.loss", {}, "models.cnn.fit.loss is not known; did you mean models.cnn.loss?"),
        ("models.cnn.seed", 1, "models.cnn.seed is not known; did you mean seed?"),
        (
            "datasets.digits.epochs",
            1,
            "datasets.digits.epochs is not known; known: encode, fetch, path, prepare, source, split",
        ),
        (
            "datasets.digits.val",
            0.1,
            "datasets.digits.val is not known; did you mean datasets.digits.split.val?",
        ),
        ("datasets.digits.split", {"val": 1}, "datasets.digits.split.val must be less than 1, got 1"),
        ("datasets", None, "datasets must be a mapping, got nothing; write {} for an empty one"),
        ("datasets.digits.path", None, "datasets.digits.path must be text, got nothing"),
        ("datasets.digits.path", 1, "datasets.digits.path must be text, got 1; quotes make it text"),
        ("datasets.digits.fetch", [], "datasets.digits.fetch must be a mapping, got []"),
        (
            "datasets.digits.fetch",
            {"path": "a.csv"},
            "datasets.digits.fetch.path must stand in the block itself, where DVC watches it, got 'a.csv'",
        ),
        (
            "datasets.digits.encode",
            None,
            "datasets.digits.encode must be a mapping, got nothing; write {} for an empty one",
        ),
        ("datasets.digits.path", ABSENT, "datasets.digits.path is missing"),
        ("datasets.digits.prepar", {}, "datasets.digits.prepar is not known; did you mean 'prepare'?"),
        # A misspelt key or name is told with the nearest known one.
        ("fit.learing_rate", 1, "fit.learing_rate is not known; did you mean 'learning_rate'?"),
        ("models.cnn.fit.augment.Flip", 1, "models.cnn.fit.augment.Flip is not known; did you mean 'flip'?"),
        ("models.cnn.objectiv", 1, "models.cnn.objectiv is not known; did you mean 'objective'?"),
        (
            "models.mlp.architecture",
            "MPL",
            "models.mlp.architecture must be a file of stages/architectures, got 'MPL'; did you mean 'mlp'?",
        ),
        (
            "models.mlp.task",
            "elbo",
            "models.mlp.task must be a file of stages/tasks, got 'elbo', a file of stages/objectives; known: "
            "anomaly_detection, classification, forecasting, generation, masked_language, reconstruction",
        ),
        (
            "baselines.logistic_regression.dataset",
            "digit",
            "baselines.logistic_regression.dataset must be a block of datasets, got 'digit'; "
            "did you mean 'digits'?",
        ),
        (
            "models.cnn.start",
            "cnn",
            "models.cnn.start must not lead back to itself, got cnn <- cnn",
        ),
        (
            "fit.optimizer",
            "Adam",
            "fit.optimizer must be 'sgd', 'adam', 'adamw' or 'rmsprop', got 'Adam'; write adam",
        ),
        ("device", "gpu", "device must be 'auto', 'cpu', 'cuda' or 'mps', got 'gpu'"),
        (
            "fit.optimizer",
            "adma",
            "fit.optimizer must be 'sgd', 'adam', 'adamw' or 'rmsprop', got 'adma'; write adam",
        ),
        (
            "fit.optimizer",
            "lion",
            "fit.optimizer must be 'sgd', 'adam', 'adamw' or 'rmsprop', got 'lion'",
        ),
        (
            "baselines.mlp",
            CONTENT["baselines"]["logistic_regression"],
            "baselines.mlp must be named otherwise: models.mlp has the same files",
        ),
        (
            "models.scratch",
            CONTENT["models"]["cnn"] | {"start": "mlp"},
            "models.scratch must be named otherwise: scratch is the start without weights",
        ),
        (
            "models.mlp-2",
            CONTENT["models"]["mlp"],
            "models.mlp-2 must be at most 64 of a-z, 0-9 and _, a letter first, got 'mlp-2'; write mlp_2",
        ),
    ],
)
def test_a_mistake_is_told_as_a_path_a_rule_and_a_value(
    path: str, given: object, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verdict(monkeypatch, changed(CONTENT, tuple(path.split(".")), given)) == [told]


def test_runs_that_start_from_each_other_all_around_are_told_once_with_the_ring(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = copy.deepcopy(CONTENT)
    for run, start in (("mlp", "cnn"), ("cnn", "cnn_gap"), ("cnn_gap", "mlp"), ("perceptron", "mlp")):
        file["models"][run]["start"] = start
    rule = "models.mlp.start must not lead back to itself, got mlp <- cnn <- cnn_gap <- mlp"
    assert verdict(monkeypatch, file) == [rule]
    file["models"]["cnn_gap"]["start"] = "scratch"
    assert not verdict(monkeypatch, file)


@pytest.mark.parametrize(
    ("path", "given", "told"),
    [
        (
            "models.mlp.task",
            "forecasting",
            "models.mlp.task must be one for images, as 'digits' holds, got 'forecasting' for series; known: "
            "anomaly_detection, classification, generation, reconstruction",
        ),
        (
            "models.series_linear.task",
            "classification",
            "models.series_linear.task must be one for series, as 'waves' holds, "
            "got 'classification' for images or texts; known: forecasting",
        ),
        (
            "models.text_gru.architecture",
            "cnn",
            "models.text_gru.architecture must be one for texts, as 'reviews' holds, got 'cnn' for images; "
            "known: attention, bag_of_embeddings, bert, recurrent, transformer",
        ),
        (
            "models.mlp.objective",
            "masked_language",
            "models.mlp.objective must be one for images, as 'digits' holds, "
            "got 'masked_language' for texts; known: adversarial, binary_cross_entropy, cross_entropy, elbo, "
            "noise_prediction, perceptron, reconstruction, squared_error",
        ),
        (
            "baselines.logistic_regression.method",
            "ridge",
            "baselines.logistic_regression.method must be one for images, as 'digits' holds, "
            "got 'ridge' for series; known: logistic_regression, nearest_neighbours, pca",
        ),
        (
            f"models.{GENERATOR}.referee",
            "scratch",
            f"models.{GENERATOR}.referee must be a classifier's run for task generation, got 'scratch'",
        ),
    ],
)
def test_a_choice_for_other_data_and_a_referee_that_cannot_judge_are_told_before_any_work(
    path: str, given: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verdict(monkeypatch, changed(CONTENT, tuple(path.split(".")), given)) == [told]
