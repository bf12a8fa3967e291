"""Progress: lines for a log, a bar for a person."""

import re
import sys
import time

import pytest
import torch

from stages.loop.history import Meter
from stages.loop.progress import Progress
from stages.modelling.contracts import Turn
from tests.watched import Terminal


def walk(*, epochs: int, batches: int = 32, done: int = 0, seconds: float = 0) -> None:
    progress = Progress("mlp", epochs=epochs, batches=batches, done=done)
    for _ in range(done, epochs):
        meter = Meter()
        for _ in range(batches):
            meter.add([Turn("model", torch.tensor(0.25), {"accuracy": torch.tensor(0.5)})], 4)
            progress.batch(meter)
            time.sleep(seconds)
        progress.epoch(meter.means(), {"loss": 0.125, "accuracy": 0.75})
    progress.end()


def test_a_log_gets_a_line_an_epoch_with_both_splits_and_the_time_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    walk(epochs=3)
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert len(lines) == 3 and err == ""
    assert lines[0].startswith("mlp: epoch 1/3  loss 0.2500 (val 0.1250)  accuracy 0.5000 (val 0.7500)")
    assert lines[-1].endswith("0 s left")


def test_a_long_run_fills_no_log(capsys: pytest.CaptureFixture[str]) -> None:
    walk(epochs=1000, batches=1)
    assert len(capsys.readouterr().out.splitlines()) == 20


def test_a_resumed_run_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    walk(epochs=10, done=4)
    assert capsys.readouterr().out.splitlines()[0] == "mlp: resuming after epoch 4 of 10"


def test_a_terminal_gets_a_bar_with_loss_measure_and_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    walk(epochs=2, seconds=0.01)
    shown = terminal.getvalue()
    assert re.search(r"mlp: .*/64 \[.*<.*, epoch 1/2  loss 0.2500  accuracy 0.5000\]", shown)
    assert "mlp: epoch 2/2" in capsys.readouterr().out
