"""Stages as a user starts them."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import stages
from stages.core import command, files, spec
from stages.core.command import Done
from stages.core.errors import UserError
from tests import samples
from tests.mutations import changed
from tests.samples import ROOT


@pytest.fixture(autouse=True)
def _tests_go_on_after_a_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "end_well", lambda: None)


def exit_of(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], main: Callable[..., Done], takes: str
) -> object:
    monkeypatch.setattr(sys, "argv", ["stage", *arguments])
    with pytest.raises(SystemExit) as caught:
        command.run(main, takes=takes)
    return caught.value.code


def test_the_name_reaches_the_stage_whose_last_line_says_what_it_achieved(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["/project/stages/train.py", "mlp"])
    command.run(lambda name: Done(f"{name} learnt", Path("models") / name), takes="run")
    assert capsys.readouterr().out == "train@mlp: mlp learnt -> models/mlp\n"


def test_a_stage_without_a_name_goes_by_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["stages/compare.py"])
    command.run(lambda: Done("2 runs", Path("reports")))
    assert capsys.readouterr().out == "compare: 2 runs -> reports\n"


@pytest.mark.parametrize(
    ("arguments", "takes", "told"),
    [
        ([], "run", "error: this stage takes one argument, the name of a run, got none"),
        (["a", "b"], "data set", "error: this stage takes one argument, the name of a data set, got a b"),
        (["a"], "", "error: this stage takes no arguments, got a"),
    ],
)
def test_a_wrong_count_of_arguments_is_told_before_the_stage_starts(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], takes: str, told: str
) -> None:
    def main(*names: str) -> Done:
        raise AssertionError("started all the same")

    assert exit_of(monkeypatch, arguments, main, takes) == told


def test_a_mistake_of_the_user_ends_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def main() -> Done:
        raise UserError("seed must be right, got wrong")

    assert exit_of(monkeypatch, [], main, "") == "error: seed must be right, got wrong"


def test_a_bug_of_ours_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def main() -> Done:
        raise ValueError("ours")

    monkeypatch.setattr(sys, "argv", ["stage"])
    with pytest.raises(ValueError, match="ours"):
        command.run(main)


def test_a_stage_that_is_stopped_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def main() -> Done:
        raise KeyboardInterrupt

    assert exit_of(monkeypatch, [], main, "") == "stopped"


@pytest.mark.parametrize(
    ("stage", "path", "value", "told"),
    [
        ("download digit", "seed", 0, "error: datasets.digit is not in params.yaml; did you mean 'digits'?"),
        ("compare", "seed", -1, "error: seed must be greater than or equal to 0, got -1"),
        ("preprocess digits", "fit.epochs", "1e-3", "error: fit.epochs must be a valid integer, got '1e-3'"),
        (
            "train mlp",
            "models.mlp.hyper",
            {"widht": [8]},
            "error: models.mlp.hyper.widht is not known; did you mean 'widths'?",
        ),
    ],
)
def test_a_mistake_costs_one_line_and_leaves_nothing_behind(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    spec: spec.Spec,
    stage: str,
    path: str,
    value: object,
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    with Path("params.yaml").open("w") as file:
        YAML().dump(changed(samples.content(), tuple(path.split(".")), value), file)
    # Training needs the facts of the data to build a network; the data are not there.
    files.write_json(Path("data/processed/digits/spec.json"), spec.model_dump())
    before = sorted(tmp_path.rglob("*"))
    name, *arguments = stage.split()
    ended = subprocess.run(
        [sys.executable, "-m", f"stages.{name}", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", f"{told}\n")
    assert sorted(tmp_path.rglob("*")) == before
