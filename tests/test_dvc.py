"""What DVC does with the files of the project: it finds what is tracked, and leaves params.yaml as it is."""

import difflib
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from dvc.repo import Repo
from dvc.utils.hydra import apply_overrides

ROOT = Path(__file__).parents[1]


@pytest.mark.filterwarnings("ignore:_NoneStep:DeprecationWarning")  # of what DVC uses
def test_a_folder_of_ones_own_below_data_is_tracked_and_outlasts_a_checkout(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    shutil.copy(ROOT / ".gitignore", tmp_path)
    photo = tmp_path / "data" / "photos" / "cat.png"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"a cat")
    with Repo.init(str(tmp_path)) as repo:
        repo.add(str(photo.parent))
    with Repo(str(tmp_path)) as repo:
        assert [Path(stage.path).name for stage in repo.index.stages] == ["photos.dvc"]
        repo.checkout()
    assert photo.read_bytes() == b"a cat"


def test_a_sweep_changes_the_line_of_its_value_alone(tmp_path: Path) -> None:
    # DVC writes the whole file anew: lists in its own style, and without what it takes no comment for.
    before, after = (ROOT / "params.yaml").read_text().splitlines(), tmp_path / "params.yaml"
    shutil.copy(ROOT / "params.yaml", after)
    apply_overrides(str(after), ["models.mlp.fit.learning_rate=0.5"])
    changes = difflib.ndiff(before, after.read_text().splitlines())
    changed = [line for line in changes if line[0] in "+-"]
    assert [line.split()[1:] for line in changed] == [["learning_rate:", "0.003"], ["learning_rate:", "0.5"]]


def test_nothing_is_kept_of_runs_that_params_have_no_more() -> None:
    content = yaml.safe_load((ROOT / "params.yaml").read_text())
    kinds = ("datasets", "pretrained", "models", "baselines")
    known = {name for kind in kinds for name in content[kind]}
    locked = yaml.safe_load((ROOT / "dvc.lock").read_text())["stages"]
    assert {stage.partition("@")[2] for stage in locked} - {""} <= known
    tracked = subprocess.run(
        ["git", "ls-files", "reports"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    inner = [Path(file).parts[2:] for file in tracked.stdout.splitlines()]
    assert {parts[0].partition(".")[0] for parts in inner if parts} <= known
