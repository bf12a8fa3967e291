"""Every benchmark, as its first lines say to start it, of as little as shows that it still runs."""

import os
import subprocess
import sys

import pytest

from tests.samples import ROOT

_TWO = "datasets.mnist_normal.encode.classes=['0 - zero', '1 - one']"
SMALL = {
    "cold": ["perceptron"],
    "memory": ["--examples", "600"],
    "one_class": ["mnist_anomaly_pca", "--set", _TWO],
    "padding": ["rt_lstm", "--rounds", "1"],
    "photos": ["--count", "60", "--rounds", "1"],
    "repro": ["perceptron", "--rounds", "1"],
    "score": ["mnist_mlp_fast", "--seeds", "1", "--set", "models.mnist_mlp_fast.fit.epochs=1"],
    "speed": ["mlp", "--rounds", "1"],
}
MIRRORED = {"one_class", "padding", "score", "speed"}


def test_each_benchmark_is_tried() -> None:
    """But the loops of textbooks and tutorials, which are the other side of `speed`."""
    files = (ROOT / "benchmarks").glob("*.py")
    found = {file.stem for file in files if "\ndef main(" in file.read_text(encoding="utf-8")}
    assert {name for name in found if not name.startswith("textbook")} == SMALL.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_it_runs_to_its_end(name: str) -> None:
    if name in MIRRORED and not os.environ.get("DATA_MIRROR"):
        pytest.skip("DATA_MIRROR is not set: no real data at hand")
    command = [sys.executable, "-m", f"benchmarks.{name}", *SMALL[name]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert not done.returncode, done.stdout + done.stderr
