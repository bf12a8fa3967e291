"""`python -m stages.train`, from params.yaml to weights, curves and gradient norms."""

import csv
import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from stages import evaluate, loop, train
from stages.architectures import mlp
from stages.core import params, paths
from stages.core.errors import UserError
from stages.core.spec import Images
from stages.modelling import weights
from stages.scheduling import foresight
from tests import blocks, project, samples

RUN = blocks.run("shapes", "mlp", fit={"epochs": 3, "batch_size": 16}, widths=[8])


@pytest.fixture(autouse=True)
def _in_a_small_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    garbage = gc.get_threshold()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    project.preprocess()
    project.scratch()
    project.configure(models={"small": RUN})
    yield
    gc.set_threshold(*garbage)
    gc.unfreeze()


def outs(run: str) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in (paths.weights(run), paths.curves(run), paths.gradients(run))
    }


def test_it_writes_weights_curves_and_norms_and_leaves_no_checkpoint() -> None:
    train.main("small")
    model, card = weights.load("small")
    assert (card.architecture, card.hyper, card.seed) == ("mlp", {"widths": [8]}, 0)
    assert model(torch.zeros(1, 1, 4, 4)).shape == (1, 3)
    with paths.curves("small").open() as file:
        rows = list(csv.DictReader(file))
    measured = {(row["split"], row["measure"]) for row in rows}
    both = {(split, measure) for split in ("train", "val") for measure in ("loss", "accuracy")}
    assert measured == both | {("train", "learning_rate")}
    assert {row["epoch"] for row in rows} == {"1", "2", "3"}
    assert not list(Path(".checkpoints").glob("*.pt"))


def test_the_same_params_give_the_same_bytes() -> None:
    train.main("small")
    first = outs("small")
    train.main("small")
    assert outs("small") == first


def test_seconds_are_told_beside_the_outs() -> None:
    train.main("small")
    timing = json.loads(paths.timing("train", "small").read_text())
    assert timing["seconds_per_epoch"] > 0
    assert timing["samples_per_second"] == pytest.approx(60 / timing["seconds_per_epoch"])


def test_a_network_over_texts_is_trained_judged_and_rebuilt() -> None:
    samples.write(samples.texts_spec())
    block = RUN | {"dataset": "sample", "architecture": "bag_of_embeddings", "hyper": {"width": 8}}
    dataset = {"source": "text_csv", "path": "own.csv", "fetch": {}}
    dataset["prepare"] = {"text": "text", "label": "label"}
    project.configure(models={"bag": block}, datasets={"sample": dataset}, baselines={})
    train.main("bag")
    evaluate.main("bag")
    assert project.metrics("bag")["n"] == {"train": 64, "val": 64, "test": 64}
    timing = json.loads(paths.timing("train", "bag").read_text())
    assert timing["tokens_per_second"] > timing["samples_per_second"]


def test_a_network_for_other_data_is_refused_before_it_is_built() -> None:
    project.configure(models={"small": RUN | {"architecture": "bag_of_embeddings", "hyper": {}}})
    told = (
        r"^models.small.architecture must be one for images, as 'shapes' holds, got 'bag_of_embeddings' for"
    )
    with pytest.raises(UserError, match=told):
        train.main("small")


def foresee(run: str) -> None:
    """Tell what is wrong with a run whose data are ready, before any stage runs."""
    foresight.check(params.load(), {f"train@{run}": frozenset()}, {})


# Each goes through the checks by itself: what training refuses is to be foreseen in the same words.
REFUSE = pytest.mark.parametrize("refuse", [train.main, foresee])
UNFIT = [
    (
        {"task": "generation", "referee": "judge"},
        "must be one that the run can answer, got 'generation', which asks it to draw",
    ),
    (
        {"task": "reconstruction"},
        r"must be one for answers of shape \(3,\), as the run .* 'reconstruction', .* for \(1, 4, 4\)$",
    ),
    (
        {"architecture": "autoencoder", "objective": "reconstruction"},
        r"must be one for answers of shape \(1, 4, 4\), as .* 'classification', which asks for \(3,\)$",
    ),
    ({"architecture": "gan", "objective": "adversarial"}, ".*'classification', which asks it to answer to"),
    ({"task": "forecasting"}, "must be one for images, as 'shapes' holds, got 'forecasting' for series; "),
    ({"task": "masked_language"}, "must be one for images, .* got 'masked_language' for texts; "),
]


@REFUSE
@pytest.mark.parametrize(("own", "told"), UNFIT)
def test_a_task_that_does_not_fit_is_told_before_the_training(
    refuse: Callable[[str], object], own: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.configure(models={"small": RUN | {"hyper": {}} | own, "judge": RUN})
    monkeypatch.setattr(loop, "fit", lambda *_: pytest.fail("it was trained"))
    with pytest.raises(UserError, match=rf"^models\.small\.task {told}"):
        refuse("small")
    assert not Path("reports").exists()


@REFUSE
def test_what_starts_from_scratch_is_not_frozen_for_good(refuse: Callable[[str], object]) -> None:
    def freeze(frozen: object) -> None:
        groups = {"body": {"parameters": "hidden.*", "frozen": frozen}}
        project.configure(models={"small": RUN | {"fit": RUN["fit"] | {"groups": groups}}})

    freeze("always")
    rule = r"must be less than epochs \(3\) where the start left tensors as drawn, got 'always' for hidden"
    with pytest.raises(
        UserError, match=rf"^models\.small\.fit\.groups\.body\.frozen {rule}.* \(start: scratch\)$"
    ):
        refuse("small")
    freeze(2)
    refuse("small")


def test_what_a_task_asks_is_held_against_a_network_without_importing_it() -> None:
    code = "import sys; from stages import train; train.main('small'); "
    code += "print([name for name in sys.modules if name.startswith(('stages.tasks', 'stages.judging'))])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(samples.ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_garbage_is_found_soon_while_a_network_learns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step may leave tensors lying that hold each other."""
    gc.set_threshold(1_000_000)  # as `stages` has it, which other tests may have changed
    fit, during = loop.fit, []
    monkeypatch.setattr(loop, "fit", lambda *given: during.append(gc.get_threshold()[0]) or fit(*given))
    train.main("small")
    assert during[0] < 10_000


def test_settings_that_change_nothing_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    project.configure(models={"small": RUN | {"fit": RUN["fit"] | {"betas": [0.5, 0.9], "optimizer": "sgd"}}})
    train.main("small")
    said = "models.small.fit.betas is not heeded by optimizer sgd, but by adam and adamw\n"
    assert said in capsys.readouterr().out


def test_a_run_starts_from_the_weights_of_another(capsys: pytest.CaptureFixture[str]) -> None:
    deeper = RUN | {
        "start": "small",
        "hyper": {"widths": [8, 8]},
        "fit": {"epochs": 1, "learning_rate": 1e-9},
    }
    project.configure(models={"small": RUN, "next": deeper})
    train.main("small")
    train.main("next")
    (first, _), (second, _) = weights.load("small"), weights.load("next")
    given, taken = first.state_dict(), second.state_dict()
    assert torch.allclose(given["hidden.0.0.weight"], taken["hidden.0.0.weight"], atol=1e-6)
    said = "start: 4 of 6 tensors from small; not taken: hidden.1.0.bias, hidden.1.0.weight (not there)\n"
    assert said in capsys.readouterr().out


def test_a_start_that_fits_nowhere_is_refused() -> None:
    other = RUN | {"start": "small", "architecture": "perceptron", "hyper": {}}
    project.configure(models={"small": RUN, "next": other})
    train.main("small")
    with pytest.raises(
        UserError, match=r"none of the 4 tensors of 'small', as \S+, fits .*: its own, as \S+, are not there$"
    ):
        train.main("next")
    assert not paths.weights("next").exists()


@REFUSE
@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"hyper": {"widths": [0]}}, r"models.small.hyper.widths"),
        ({"loss": {"smoothing": 0.1}}, r"models.small.loss.smoothing is not known"),
        (
            {"hyper": {"learning_rate": 0.1}},
            r"models.small.hyper.learning_rate is not known; did you mean models.small.fit.learning_rate\?$",
        ),
        ({"fit": {"augment": {"shift": 4}}}, r"models.small.fit.augment.shift must be less than the image"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_written(
    refuse: Callable[[str], object], own: dict[str, object], message: str
) -> None:
    project.configure(models={"small": RUN | own})
    with pytest.raises(UserError, match=message):
        refuse("small")
    assert not Path("reports").exists()
    assert not paths.weights("small").exists()


class Own(nn.Module):
    """A linear network in numbers of half the bytes, with a tensor beside its weights."""

    def __init__(self, beside: Any) -> None:
        super().__init__()
        self.linear = nn.Linear(16, 3, dtype=torch.bfloat16)
        self.register_buffer("beside", beside)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.linear(x.flatten(1).bfloat16())
        return logits


class Remembering(Own):
    """The same, and what is no tensor."""

    def get_extra_state(self) -> object:
        return {"steps": 3}


def own(monkeypatch: pytest.MonkeyPatch, kind: type[Own], beside: object) -> None:
    """Give the run such a network."""

    def build(spec: Images) -> nn.Module:
        return kind(beside)

    monkeypatch.setattr(mlp, "build", build)
    project.configure(models={"small": RUN | {"hyper": {}}})


def test_a_network_of_other_numbers_than_float32_is_trained_judged_and_rebuilt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    beside = torch.tensor(0.5).to(torch.float8_e4m3fn)
    own(monkeypatch, Own, beside)
    train.main("small")
    evaluate.main("small")
    assert project.metrics("small")["n"] == project.SIZES
    model, _ = weights.load("small")
    assert [tensor.dtype for tensor in model.state_dict().values()] == [beside.dtype, *2 * [torch.bfloat16]]


@pytest.mark.parametrize(
    ("kind", "beside", "told"),
    [
        (Own, torch.zeros(2, dtype=torch.complex64), ("beside", "complex64")),
        (Own, torch.eye(2).to_sparse(), ("beside", "sparse_coo")),
        (Remembering, torch.zeros(1), ("_extra_state", "dict")),
    ],
)
def test_a_network_that_no_file_can_hold_is_refused_before_it_is_trained(
    monkeypatch: pytest.MonkeyPatch, kind: type[Own], beside: Tensor, told: tuple[str, str]
) -> None:
    own(monkeypatch, kind, beside)
    with pytest.raises(UserError) as caught:
        train.main("small")
    rule = f"{told[0]} must be a dense tensor of numbers that safetensors hold"
    assert str(caught.value) == f"models.small: mlp: {rule}, got {told[1]}"
    assert not paths.weights("small").exists() and not Path(".checkpoints").exists()


def test_missing_data_name_the_stage_that_makes_them() -> None:
    (paths.processed("shapes") / "spec.json").unlink()
    with pytest.raises(UserError, match=r"run `dvc repro preprocess@shapes` first"):
        train.main("small")


def test_a_device_that_is_not_here_is_refused() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has the device")
    project.configure(models={"small": RUN}, device="cuda")
    with pytest.raises(
        UserError, match=r"device must be one that this machine has \(.*cpu\) or auto, got 'cuda'"
    ):
        train.main("small")
