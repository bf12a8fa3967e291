"""Checkpoints: a run broken off anywhere ends in the same bytes."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from stages.architectures import cnn, recurrent
from stages.core.errors import UserError
from stages.core.spec import Images, Series, Spec
from stages.loop import Job, checkpoint, epoch, fit
from stages.loop.checkpoint import Checkpoint
from stages.objectives import cross_entropy, forecast_error
from tests import samples


def network(spec: Spec) -> nn.Module:
    """A network for that kind of data with dropout, and batch norm where it has any."""
    if isinstance(spec, Images):
        return cnn.build(spec, channels=(4, 8), hidden=16, dropout=0.3, batch_norm=True)
    return recurrent.build(spec, cell="gru", width=8, hidden=8, dropout=0.3)


def train(spec: Spec, **own: object) -> tuple[bytes, Job, int]:
    """The bytes of a trained network: dropout, batch norm, augmentation and batches draw and remember."""
    torch.manual_seed(0)
    augment = {"shift": 1, "jitter": 0.2} if isinstance(spec, Images) else {}
    job = Job(
        run="sample",
        spec=spec,
        settings=samples.settings(epochs=6, batch_size=16, augment=augment, **own),
        seed=0,
        device=torch.device("cpu"),
        train=samples.split(spec, seed=1),
        val=samples.split(spec, seed=2),
        left={},
        checkpoint=Checkpoint("sample", own),
    )
    model = network(spec)
    objective = forecast_error.build(spec) if isinstance(spec, Series) else cross_entropy.build(spec)
    history = fit(model, objective, job)
    vector = nn.utils.parameters_to_vector(model.parameters()).detach().numpy().tobytes()
    return vector + repr(history.state()).encode(), job, len(history.seconds)


@pytest.mark.parametrize("make", samples.KINDS.values(), ids=lambda make: make.__name__)
@pytest.mark.parametrize(
    ("optimizer", "keep"), [("sgd", "best"), ("adamw", "best"), ("adamw", "last"), ("rmsprop", "best")]
)
def test_broken_off_in_any_epoch_it_ends_in_the_same_bytes(
    make: Callable[[], Spec], optimizer: str, keep: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = make()
    settings = {"optimizer": optimizer, "keep": keep, "schedule": "plateau", "decay_epochs": 1}
    whole, job, _ = train(spec, **settings)
    real = epoch.validate
    for broken in (1, 4, 6):
        job.checkpoint.clear()

        def validate(state: epoch.State, *rest: object, whole_epochs: int = broken - 1) -> None:
            if len(state.history.val) == whole_epochs:
                raise KeyboardInterrupt
            real(state, *rest)  # type: ignore[arg-type]

        with monkeypatch.context() as patch:
            patch.setattr(epoch, "validate", validate)
            with pytest.raises(KeyboardInterrupt):
                train(spec, **settings)
        resumed, _, trained = train(spec, **settings)
        assert resumed == whole
        assert trained == 6 - (broken - 1), "only what was lost is trained again"


@pytest.mark.parametrize("rate", [0.001, 3.0])
@pytest.mark.parametrize("keep", ["best", "last"])
def test_weights_stand_twice_in_a_checkpoint_only_where_the_best_are_not_the_last(
    keep: str, rate: float
) -> None:
    _, job, _ = train(samples.spec(), keep=keep, learning_rate=rate, optimizer="sgd")
    saved = job.checkpoint.load()
    assert saved is not None
    losses = [means["loss"] for means in saved["history"]["val"]]
    assert (min(losses) == losses[-1]) is (rate < 1), "only at the small rate every epoch is the best so far"
    twice = keep == "best" and rate > 1
    assert saved["kept"].keys() == (saved["model"].keys() if twice else set())


def test_a_disk_that_refuses_to_write_costs_one_line_and_not_the_last_checkpoint() -> None:
    saved, before = Checkpoint("toy", []), resource.getrlimit(resource.RLIMIT_FSIZE)
    saved.save({"epoch": 1})
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(UserError, match=r"^cannot write \.checkpoints/toy-\w+\.pt: is the disk full\?"):
            saved.save({"epoch": 2, "weights": torch.zeros(100, 1000)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert saved.load() == {"epoch": 1}
    assert len(list(Path(".checkpoints").iterdir())) == 1


def test_a_checkpoint_of_other_params_is_not_taken() -> None:
    assert checkpoint.fingerprint([1, "a"]) != checkpoint.fingerprint([1, "b"])
    train(samples.spec(), optimizer="sgd")
    _, _, trained = train(samples.spec(), optimizer="adam")
    assert trained == 6


def test_an_edit_of_the_code_makes_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    before = checkpoint.fingerprint([])
    monkeypatch.setattr(checkpoint.files, "digest", lambda path: f"edited {path.name}")
    assert checkpoint.fingerprint([]) != before


def test_a_checkpoint_lies_in_the_repository_even_when_dvc_runs_in_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    monkeypatch.setenv("DVC_ROOT", str(root))
    train(samples.spec())
    assert [path.suffix for path in (root / ".checkpoints").iterdir()] == [".pt"]


def test_what_a_killed_trainer_was_writing_is_swept_away_and_of_one_at_work_it_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "root"))
    with subprocess.Popen(["true"]) as other:
        other.wait()
    folder = tmp_path / "root/.checkpoints"
    folder.mkdir(parents=True)
    kept = ["mlp-0a.pt", f"mlp-0a.pt.{os.getpid()}.part", "mlp-0a.pt.1.part", f"mlp_2-0a.pt.{other.pid}.part"]
    for name in (*kept, f"mlp-0a.pt.{other.pid}.part", f"mlp-0b.pt.{other.pid}.part"):
        (folder / name).touch()
    with checkpoint.alone("mlp"):
        assert sorted(path.name for path in folder.iterdir()) == sorted(kept)


def test_two_trainers_of_one_run_cannot_collide() -> None:
    hold = "import time\nfrom stages.loop import checkpoint\nwith checkpoint.alone('mlp'):\n"
    hold += "    print('held', flush=True)\n    time.sleep(60)\n"
    environment = os.environ | {"PYTHONPATH": str(samples.ROOT)}
    with subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE, env=environment) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with (
            pytest.raises(UserError, match=rf"another trainer of mlp .* \(process {other.pid}\)"),
            checkpoint.alone("mlp"),
        ):
            pass
        with checkpoint.alone("cnn"):
            pass
        other.kill()
        other.wait()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                with checkpoint.alone("mlp"):
                    return
            except UserError:
                time.sleep(0.05)
    pytest.fail("a killed trainer still holds its run")
