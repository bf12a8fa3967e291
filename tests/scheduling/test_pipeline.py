"""The pipeline as DVC has it: its order, what is out of date, and the order of dvc.lock."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from dvc.repo import Repo

from stages.core.errors import UserError
from stages.scheduling import pipeline
from tests.commands import Project, looped, stage

STAGES = {
    "cut": stage("cat own", "cut", "own"),
    "train": looped("cat cut", "trained", "cut"),
    "table": stage("cat trained.*", "table", "trained.a", "trained.b"),
}
GRAPH = {
    "own.dvc": frozenset(),
    "cut": frozenset({"own.dvc"}),
    "train@a": frozenset({"cut"}),
    "train@b": frozenset({"cut"}),
    "table": frozenset({"train@a", "train@b"}),
}
pytestmark = pytest.mark.filterwarnings("ignore:_NoneStep:DeprecationWarning")  # of what DVC uses


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    project = Project(tmp_path, STAGES)
    monkeypatch.chdir(tmp_path)
    with Repo() as repo:
        repo.add("own")
    yield project


def test_stages_stand_behind_those_that_they_depend_on_tracked_data_first(project: Project) -> None:
    found = pipeline.read()
    assert found.graph == GRAPH
    assert list(found.graph) == list(GRAPH)
    assert found.unmade == GRAPH.keys() - {"own.dvc"}
    assert found.locked == {}


def test_what_is_out_of_date_is_what_dvc_says_it_is(project: Project) -> None:
    assert pipeline.read().stale == GRAPH.keys() - {"own.dvc"}
    with Repo() as repo:
        repo.reproduce()
    assert pipeline.read().stale == frozenset()
    assert pipeline.read().unmade == frozenset()
    assert pipeline.read().locked.keys() == GRAPH.keys() - {"own.dvc"}
    project.write("own", "other data\n")
    assert pipeline.read().stale == {"own.dvc", "cut"}


def test_a_name_that_dvc_cannot_write_down_is_told(project: Project) -> None:
    Path("own").unlink()
    Path("own").mkdir()
    (Path("own") / "caf\udce9.jpg").touch()
    with pytest.raises(UserError, match=r"^what DVC watches must be named in UTF-8, got '.*\.jpg'$"):
        pipeline.read()


def test_what_dvc_cannot_read_is_told_in_its_words(project: Project) -> None:
    project.write("dvc.yaml", "stages: [")
    with pytest.raises(UserError, match=r"^DVC says: unable to read: 'dvc\.yaml'"):
        pipeline.read()


def lock(project: Project, *names: str, cmd: str = "true") -> None:
    stages = {name: {"cmd": cmd} for name in names}
    project.write("dvc.lock", yaml.safe_dump({"schema": "2.0", "stages": stages}, sort_keys=False))


def test_the_lock_is_lightened_of_stages_that_are_nowhere_made_and_of_those_that_are_gone(
    project: Project,
) -> None:
    for out in ("cut", "trained.a"):
        project.write(out, "")
    lock(project, "table", "removed", "train@a", "train@b")
    pipeline.lighten(pipeline.read())
    content = {"schema": "2.0", "stages": {"train@a": {"cmd": "true"}}}
    assert yaml.safe_load(project.files()["dvc.lock"]) == content


def test_what_the_cache_holds_stays_as_dvc_would_take_it_from_there(project: Project) -> None:
    with Repo() as repo:
        repo.reproduce()
    locked = project.files()["dvc.lock"]
    for out in ("cut", "trained.a", "table"):
        (project.folder / out).unlink()
    pipeline.lighten(pipeline.read())
    assert project.files()["dvc.lock"] == locked


def test_then_stages_stand_in_the_lock_in_the_order_of_dvc_repro_and_as_they_stood_if_not_made(
    project: Project,
) -> None:
    lock(project, "table", "removed", "train@b", cmd="before")
    known = pipeline.read()
    lock(project, "train@b", "cut", cmd="now")  # of other workers, one after another
    pipeline.tidy(known)
    content = yaml.safe_load(project.files()["dvc.lock"])
    said = {name: stage["cmd"] for name, stage in content["stages"].items()}
    assert list(said.items()) == [("cut", "now"), ("train@b", "now"), ("table", "before")]
    before = (project.folder / "dvc.lock").stat()
    pipeline.tidy(pipeline.read())
    assert (project.folder / "dvc.lock").stat() == before


def test_what_a_killed_process_took_out_is_put_back_by_the_next(project: Project) -> None:
    lock(project, "cut", "train@b", "table")
    whole = project.files()["dvc.lock"]
    pipeline.lighten(pipeline.read())
    assert "cut" not in project.files()["dvc.lock"]
    pipeline.lighten(pipeline.read())
    pipeline.tidy(pipeline.read())
    assert yaml.safe_load(project.files()["dvc.lock"]) == yaml.safe_load(whole)
    lock(project, "cut")
    assert pipeline.read().locked.keys() == {"cut"}, "what was put back is not put back again"


def test_what_was_made_since_a_process_was_killed_counts(project: Project) -> None:
    lock(project, "cut", "table", cmd="before")
    pipeline.lighten(pipeline.read())
    lock(project, "cut", cmd="now")
    assert pipeline.read().locked == {"cut": {"cmd": "now"}, "table": {"cmd": "before"}}


def test_what_is_all_there_is_put_in_order_too(project: Project) -> None:
    lock(project, "table", "train@b", "cut")
    pipeline.tidy(pipeline.read())
    assert list(pipeline.read().locked) == ["cut", "train@b", "table"]


@pytest.mark.parametrize("made", [(), ("cut",)])
def test_what_else_dvc_keeps_in_its_lock_stays(project: Project, made: tuple[str, ...]) -> None:
    content = {"schema": "2.0", "datasets": [{"name": "other"}], "stages": {"cut": {"cmd": "true"}}}
    project.write("dvc.lock", yaml.safe_dump(content, sort_keys=False))
    for out in made:
        project.write(out, "")
    pipeline.lighten(pipeline.read())
    left = yaml.safe_load(project.files()["dvc.lock"])
    assert left == (content if made else {key: content[key] for key in ("schema", "datasets")})
