"""`python -m stages.download <dataset>`."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from stages import download
from stages.core.errors import UserError
from stages.core.vision import torchvision
from stages.sourcing import fetching
from tests import samples
from tests.samples import ROOT


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose data sets are a built-in one and one to download."""
    blocks = samples.content() | {"models": {}, "baselines": {}}
    blocks["datasets"] = {
        name: {"source": source, "path": "data/nothing", "fetch": {}}
        for name, source in (("ours", "digits"), ("theirs", "mnist"))
    }
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(blocks))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(fetching.MIRROR, raising=False)
    return tmp_path


def test_the_folder_of_the_data_set_is_filled() -> None:
    download.main("ours")
    assert [path.name for path in Path("data/raw").iterdir()] == ["ours"]
    assert any(Path("data/raw/ours").iterdir())


def test_a_second_run_gives_the_same_bytes() -> None:
    contents = []
    for _ in range(2):
        download.main("ours")
        contents.append({path: path.read_bytes() for path in Path("data").rglob("*") if path.is_file()})
    assert contents[0] == contents[1]


def test_an_unknown_data_set_is_told_with_the_nearest_known_one() -> None:
    with pytest.raises(UserError, match=r"datasets\.theris is not in params\.yaml; did you mean 'theirs'"):
        download.main("theris")


@pytest.mark.parametrize(
    ("own", "told"),
    [
        (
            {"path": "a"},
            "datasets.ours.path must be data/nothing for digits, which reads no file of your own, got 'a'",
        ),
        ({"fetch": {"count": 3}}, "datasets.ours.fetch.count is not known; known: none"),
    ],
)
def test_what_the_source_does_not_take_is_told_by_its_path(
    project: Path, own: dict[str, object], told: str
) -> None:
    blocks = yaml.safe_load((project / "params.yaml").read_text())
    blocks["datasets"]["ours"] |= own
    (project / "params.yaml").write_text(yaml.safe_dump(blocks))
    with pytest.raises(UserError) as caught:
        download.main("ours")
    assert str(caught.value) == told
    assert not Path("data/raw/ours").exists()


def test_a_mirror_that_lacks_the_files_and_no_network_leave_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "mirror").mkdir()
    monkeypatch.setenv(fetching.MIRROR, str(tmp_path / "mirror"))
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", ["http://127.0.0.1:1/"])
    monkeypatch.setattr(fetching, "PAUSES", ())
    with pytest.raises(
        UserError,
        match=r"^datasets\.theirs: mnist: cannot fetch train-images.*no such file.*Connection refused$",
    ):
        download.main("theirs")
    assert not any(Path("data/raw").iterdir())


@pytest.mark.slow
def test_a_mistake_costs_one_line_and_no_traceback(project: Path) -> None:
    command = [sys.executable, "-m", "stages.download", "theirs"]
    environment = {"PYTHONPATH": str(ROOT), fetching.MIRROR: "nowhere"}
    run = subprocess.run(command, env=environment, cwd=project, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert (
        run.stderr
        == "error: datasets.theirs: DATA_MIRROR must be a folder or an http(s) URL, got 'nowhere'\n"
    )
