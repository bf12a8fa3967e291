"""The pipeline as DVC has it: its order, what is out of date, and the order of dvc.lock."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from dvc.repo import Repo

from stages.core.errors import UserError
from stages.scheduling import pipeline
from stages.scheduling.pipeline import Pipeline
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
    assert found.locked == frozenset()


def test_what_is_out_of_date_is_what_dvc_says_it_is(project: Project) -> None:
    assert pipeline.read().stale == GRAPH.keys() - {"own.dvc"}
    with Repo() as repo:
        repo.reproduce()
    assert pipeline.read().stale == frozenset()
    assert pipeline.read().locked == GRAPH.keys() - {"own.dvc"}
    project.write("own", "other data\n")
    assert pipeline.read().stale == {"own.dvc", "cut"}


def test_what_dvc_cannot_read_is_told_in_its_words(project: Project) -> None:
    project.write("dvc.yaml", "stages: [")
    with pytest.raises(UserError, match=r"^DVC says: unable to read: 'dvc\.yaml'"):
        pipeline.read()


def test_new_stages_stand_in_the_lock_in_the_order_of_dvc_repro_and_known_ones_where_they_stood(
    project: Project,
) -> None:
    stages = {name: {"cmd": "true"} for name in ("table", "removed", "train@b", "cut", "train@a")}
    project.write("dvc.lock", yaml.safe_dump({"schema": "2.0", "stages": stages}, sort_keys=False))
    pipeline.tidy(Pipeline(GRAPH, frozenset(), frozenset({"removed", "table"})))
    content = yaml.safe_load(project.files()["dvc.lock"])
    assert list(content["stages"]) == ["table", "removed", "cut", "train@a", "train@b"]
    assert content == {"schema": "2.0", "stages": stages}
