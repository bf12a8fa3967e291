"""The tests themselves, in copies of the project whose params.yaml has other blocks than those built in."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stages.core import yaml12
from tests.blocks import SHARED, baseline, dataset, run
from tests.samples import ROOT

TICKETS = {"path": "tickets.csv", "prepare": {"text": "message", "label": "queue"}}
LOAD = {"path": "load.csv", "prepare": {"time": "hour", "frequency": "h"}}
DATASETS = {
    "tickets": dataset("text_csv", length=100) | TICKETS,
    "photos": dataset("image_folder") | {"path": "data/photos", "prepare": {"side": 64}},
    "load": dataset("series_csv", window=168, horizon=24, period=24) | LOAD,
}
RUNS = {
    "tickets": run("tickets", "bag_of_embeddings"),
    "photos": run("photos", "cnn_gap", channels=[8, 16]),
    "load": run("load", "linear_forecaster", "forecast_error", "forecasting", trend=25),
}
# Some of each kind, and those that read params.yaml: all others are only collected.
CORE = "blocks or project or sweep or committed or first_weights"


def alone(name: str) -> dict[str, Any]:
    """Params with one data set and one run on it."""
    return {
        **SHARED,
        "datasets": {name: DATASETS[name]},
        "pretrained": {},
        "models": {f"{name}_run": RUNS[name]},
        "baselines": {},
    }


def beside() -> dict[str, Any]:
    """The params of the project and all of these."""
    content = yaml12.load(ROOT / "params.yaml")
    content["datasets"] |= DATASETS
    content["models"] |= {f"{name}_run": one for name, one in RUNS.items()}
    content["baselines"] |= {"tickets_counts": baseline("tickets", "naive_bayes")}
    return content


@pytest.mark.slow
@pytest.mark.parametrize(
    "params", [alone("tickets"), alone("photos"), beside()], ids=["texts", "images", "all"]
)
def test_the_tests_hold_whatever_blocks_there_are(params: dict[str, Any], tmp_path: Path) -> None:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    for file in filter(Path.is_file, map(ROOT.joinpath, files)):
        copy = tmp_path / "copy" / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    (tmp_path / "copy/params.yaml").write_text(json.dumps(params))  # JSON is YAML
    tests = [sys.executable, "-m", "pytest", "-q", "-k", CORE, f"--basetemp={tmp_path / 'theirs'}"]
    done = subprocess.run(tests, cwd=tmp_path / "copy", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
