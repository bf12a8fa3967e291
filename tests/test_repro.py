"""The pipeline on every core, by the real DVC: it ends in what `dvc repro` ends in."""

import signal
import time
from pathlib import Path

import psutil
import pytest
import yaml

from stages import repro
from stages.core.errors import UserError
from tests.commands import Project, looped, stage
from tests.samples import ROOT

# Neither ends before both have begun, and b ends first.
MEET = """touch met.${item}
until [ -e met.a -a -e met.b ]; do sleep 0.01; done
[ ${item} = b ] || sleep 0.5
echo train@${item}: met
cat own"""
STAGES = {
    "cut": stage("cat own", "cut", "own"),
    "train": looped(f"{MEET} cut", "trained", "own", "cut"),
    "judge": looped("cat trained.${item}", "judged", "trained.${item}"),
    "table": stage("cat judged.a judged.b", "table", "judged.a", "judged.b"),
}


def test_two_trainings_at_once_are_locked_in_the_order_of_dvc_repro_whichever_ends_first(
    tmp_path: Path,
) -> None:
    project = Project(tmp_path, {"train": looped(MEET, "trained", "own")})
    status, said = project.repro()
    assert status == 0, said
    assert said.splitlines()[1:] == ["[1/2] train@b: met", "[2/2] train@a: met"]
    assert list(yaml.safe_load(project.files()["dvc.lock"])["stages"]) == ["train@a", "train@b"]


@pytest.fixture
def projects(tmp_path: Path) -> tuple[Project, Project]:
    """One for us, and one where DVC has run its pipeline alone."""
    ours, theirs = Project(tmp_path / "ours", STAGES), Project(tmp_path / "theirs", STAGES)
    for project in (ours, theirs):
        assert project.run("dvc", "add", "own")[0] == 0
    for run in "ab":
        theirs.write(f"met.{run}", "")
    assert theirs.run("dvc", "repro")[0] == 0
    return ours, theirs


@pytest.mark.slow
def test_everything_ends_in_the_bytes_of_dvc_repro_and_then_nothing_is_left_to_do(
    projects: tuple[Project, Project],
) -> None:
    ours, theirs = projects
    for content in ("data\n", "other data\n"):
        for project in projects:
            project.write("own", content)
        status, said = ours.repro()
        assert status == 0, said
        assert theirs.run("dvc", "repro")[0] == 0
        assert ours.files() == theirs.files()
        assert ours.repro() == (0, "nothing is out of date\n")


@pytest.mark.slow
def test_what_failed_is_told_once_and_mended_the_same_command_goes_on(
    projects: tuple[Project, Project],
) -> None:
    ours, theirs = projects
    broken = looped("echo why >&2; [ ${item} = b ]", "judged", "trained.${item}")
    ours.describe(STAGES | {"judge": broken})
    status, said = ours.repro()
    assert status == 1
    assert "failed: judge@a\n" in said and said.count("failed to reproduce") == 1
    assert said.splitlines()[-1].startswith("error: failed: judge@a; not run because of it: table.")
    ours.describe(STAGES)
    status, said = ours.repro()
    assert status == 0, said
    assert ours.files() == theirs.files()


@pytest.mark.slow
def test_one_at_a_time_too_what_fails_holds_up_only_what_depends_on_it(tmp_path: Path) -> None:
    stages = {
        "train": looped("cat own", "trained", "own"),
        "judge": looped("[ ${item} = b ] && cat trained.${item}", "judged", "trained.${item}"),
        "export": looped("cat trained.${item}", "exported", "trained.${item}"),
    }
    project = Project(tmp_path, stages)
    status, said = project.run("stages.repro", "--jobs", "1")
    assert status == 1
    assert said.splitlines()[-1].startswith("error: failed: judge@a. ")
    locked = yaml.safe_load(project.files()["dvc.lock"])["stages"]
    assert set(locked) == {f"{name}@{run}" for name in stages for run in "ab"} - {"judge@a"}


@pytest.mark.slow
def test_stopped_by_ctrl_c_nothing_goes_on_behind_ones_back_and_the_same_command_does(
    projects: tuple[Project, Project], heeded: None
) -> None:
    ours, theirs = projects
    ours.describe(STAGES | {"train": looped("sleep 1000", "trained", "cut")})
    process = ours.start("stages.repro", "--jobs", "2")
    while len(list(ours.folder.glob("trained.*"))) < 2:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate()
    assert process.returncode == 130
    assert said.endswith("stopping; the same command goes on from there\n")
    assert not [one for one in psutil.process_iter(["cwd"]) if one.info["cwd"] == str(ours.folder)]
    ours.describe(STAGES)
    assert ours.repro()[0] == 0
    assert ours.files() == theirs.files()


def test_a_count_of_jobs_is_at_least_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(UserError, match=r"^jobs must be at least 1, got 0$"):
        repro.main(0)
