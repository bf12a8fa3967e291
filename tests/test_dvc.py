"""What DVC does with the files of the project: it finds what is tracked, and leaves params.yaml as it is."""

import re
import shutil
import subprocess
import textwrap
from pathlib import Path

import pytest
import yaml
from dvc.repo import Repo
from dvc.utils.hydra import apply_overrides

from stages.core import yaml12

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


def test_a_sweep_changes_its_value_alone(tmp_path: Path) -> None:
    """DVC writes the whole file anew: lists in its own style, and without what it takes no comment for."""
    before, after = ROOT / "params.yaml", tmp_path / "params.yaml"
    shutil.copy(before, after)
    content = yaml12.load(before)
    swept = content["seed"] + 1
    apply_overrides(str(after), [f"seed={swept}"])
    assert yaml12.load(after) == content | {"seed": swept}
    assert re.findall("#.*", after.read_text()) == re.findall("#.*", before.read_text())


def test_nothing_is_kept_of_blocks_that_params_have_no_more() -> None:
    content = yaml12.load(ROOT / "params.yaml")
    known = {name for kind in ("datasets", "pretrained", "models", "baselines") for name in content[kind]}
    stages = yaml.safe_load((ROOT / "dvc.lock").read_text())["stages"]
    tracked = subprocess.run(["git", "ls-files", "reports"], cwd=ROOT, capture_output=True, text=True)
    inner = [Path(file).parts[2:] for file in tracked.stdout.splitlines()]
    kept = {stage.partition("@")[2] for stage in stages} | {
        parts[0].partition(".")[0] for parts in inner if parts
    }
    gone = textwrap.shorten(", ".join(sorted(kept - known - {""})), 80, placeholder=" …")
    told = f"of blocks that are gone, results are kept: {gone}; `rm -r dvc.lock reports`, then `make`"
    compared = stages["compare"]["params"]["params.yaml"]
    if gone and any(names.keys() != content[kind].keys() for kind, names in compared.items()):
        pytest.skip(told)  # the results have yet to follow params.yaml
    assert not gone, told
