"""The graph, run by the real DVC on a small copy of the project."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests import blocks, samples

RUN = blocks.run("digits", "mlp", fit={"epochs": 2}, widths=[16])
BASELINE = blocks.baseline("digits", "logistic_regression")


class Project:
    """A copy of the project with two small runs and one baseline."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.output, self.first = folder, "", ""
        for name in ("stages", ".dvc/plots", "models/scratch"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(samples.ROOT / name, folder / name, ignore=ignored)
        (folder / "data").mkdir()
        for name in (
            *("dvc.yaml", ".gitignore", "data/nothing"),
            *(".dvcignore", ".dvc/config", ".dvc/.gitignore"),
        ):
            shutil.copy(samples.ROOT / name, folder / name)
        self.params = samples.content()
        self.params["datasets"] = {"digits": self.params["datasets"]["digits"]}
        self.params["models"] = {"first": RUN, "second": RUN | {"hyper": {"widths": [8]}}}
        self.params["baselines"] = {"cheap": BASELINE}
        self.write(self.params)
        self.git("init", "-q")
        self.git("add", "-A")
        self.git("commit", "-qm", "start")

    def write(self, params: object) -> None:
        (self.folder / "params.yaml").write_text(json.dumps(params, indent=2))  # JSON is YAML

    def git(self, *words: str) -> bytes:
        who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        return subprocess.run(
            ["git", *who, *words], cwd=self.folder, check=True, stdout=subprocess.PIPE
        ).stdout

    def environment(self) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"PATH": path}

    def repro(self, *words: str) -> set[str]:
        """Run `dvc repro` and return the stages that were executed."""
        self.run("dvc", "repro", *words)
        return set(re.findall(r"^Running stage '(.+)':$", self.output, re.MULTILINE))

    def run(self, *module: str) -> None:
        """Run a module, with success."""
        done = subprocess.run(
            [sys.executable, "-m", *module],
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.output = done.stdout
        assert done.returncode == 0, done.stdout

    def reports(self) -> dict[str, bytes]:
        """What is declared under reports/, as bytes."""
        files = (path for path in (self.folder / "reports").rglob("*") if path.is_file())
        return {str(path): path.read_bytes() for path in files if "timing" not in path.parts}

    def train(self, run: str) -> object:
        """Train a run and return the digests of what came out."""
        self.repro("-s", f"train@{run}")
        return yaml.safe_load(self.lock())["stages"][f"train@{run}"]["outs"]

    def kill(self, run: str, *, after: float, with_dvc: bool) -> None:
        """Start to train a run and kill it so many seconds after it has a checkpoint."""
        folder = self.folder / ".checkpoints"
        holder = folder / f"{run}.lock"
        last = holder.read_text()
        command = [sys.executable, "-m", "dvc", "repro", "-q", "-s", f"train@{run}"]
        with subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment(),
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as dvc:
            while holder.read_text() in ("", last) or not list(folder.glob(f"{run}-*.pt")):
                assert dvc.poll() is None, "it ended before it was killed"
                time.sleep(0.01)
            time.sleep(after)
            if with_dvc:
                dvc.kill()
            os.kill(int(holder.read_text()), signal.SIGKILL)

    def lock(self) -> str:
        return (self.folder / "dvc.lock").read_text()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("project"))
    every = {f"{stage}@{run}" for stage in ("train", "evaluate", "export") for run in ("first", "second")}
    executed = project.repro()
    assert executed == every | {"download@digits", "preprocess@digits", "baseline@cheap", "compare"}
    project.first = project.output
    project.git("add", "-A")
    project.git("commit", "-qm", "results")
    return project


@pytest.fixture
def project(finished: Project) -> Iterator[Project]:
    """The finished project; what a test changes is undone after it."""
    yield finished
    if finished.git("status", "--porcelain"):
        finished.git("checkout", "-q", ".")
        finished.git("clean", "-dfq")
        assert not finished.repro()  # all comes back out of the run cache


def test_each_stage_says_in_a_line_what_it_achieved_and_where_it_lies(finished: Project) -> None:
    ran = re.findall(r"^Running stage '(.+)':$", finished.first, re.MULTILINE)
    said = re.findall(r"^([\w@]+): .+ -> (\S+)$", finished.first, re.MULTILINE)
    assert [stage for stage, _ in said] == ran
    assert [where for _, where in said if not (finished.folder / where).exists()] == []


def test_nothing_runs_twice(project: Project) -> None:
    assert project.repro() == set()


def test_one_runs_hyper_parameter_reruns_that_run_and_reverted_it_comes_back_from_the_cache(
    project: Project,
) -> None:
    before = project.reports()
    params = json.loads((project.folder / "params.yaml").read_text())
    params["models"]["second"]["fit"] = {"epochs": 3}
    project.write(params)
    assert project.repro() == {"train@second", "evaluate@second", "export@second", "compare"}
    assert project.reports() != before
    project.write(project.params)
    assert project.repro() == set()
    assert project.reports() == before


@pytest.mark.slow
def test_editing_a_task_judges_again_and_trains_nothing(project: Project) -> None:
    with (project.folder / "stages/tasks/classification.py").open("a") as file:
        file.write("# edited\n")
    assert project.repro() == {"evaluate@first", "evaluate@second", "baseline@cheap", "compare"}


@pytest.mark.slow
def test_a_new_architecture_is_one_file_and_one_block(project: Project) -> None:
    room = project.folder / "stages/architectures"
    shutil.copy(room / "perceptron.py", room / "newcomer.py")
    project.write(
        project.params
        | {"models": project.params["models"] | {"new": RUN | {"architecture": "newcomer", "hyper": {}}}}
    )
    assert project.repro() == {"train@new", "evaluate@new", "export@new", "compare"}
    assert "new" in (project.folder / "reports/comparison.md").read_text()


@pytest.mark.slow
def test_forced_to_run_everything_again_the_lock_stays_the_same_to_the_byte(project: Project) -> None:
    before = project.lock()
    assert len(project.repro("-f")) == 10
    assert project.lock() == before


@pytest.mark.slow
def test_what_a_deleted_block_has_left_goes_with_the_lock_and_the_reports(project: Project) -> None:
    project.write(project.params | {"models": {"first": RUN}})
    shutil.rmtree(project.folder / "reports")
    (project.folder / "dvc.lock").unlink()
    assert project.repro() == {"compare"}
    assert "second" not in project.lock() and not any("second" in name for name in project.reports())


@pytest.mark.slow
def test_made_on_two_cores_from_nothing_all_is_the_same_to_the_byte(project: Project) -> None:
    before = project.lock(), project.reports()
    for name in (".dvc/cache", "data/raw", "data/processed", "reports", "models/first", "models/second"):
        shutil.rmtree(project.folder / name)
    project.run("stages.repro", "--jobs", "2")
    assert "[10/10] compare: " in project.output
    assert (project.lock(), project.reports()) == before


@pytest.mark.slow
def test_killed_at_any_moment_a_run_ends_in_the_same_bytes(project: Project) -> None:
    """`kill -9` to the trainer, or to it and DVC, between any of its epochs; then `dvc repro`."""
    hyper = {"channels": [8], "dropout": 0.2, "batch_norm": True}
    run = RUN | {"architecture": "cnn", "hyper": hyper, "fit": {"epochs": 150, "augment": {"shift": 1}}}
    project.write(project.params | {"models": project.params["models"] | {"killed": run}})
    undisturbed = project.train("killed")
    generator = random.Random(0)
    for moment in range(4):
        # Forget that it ever ran.
        project.git("checkout", "-q", "dvc.lock")
        shutil.rmtree(project.folder / ".dvc/cache/runs")
        for _ in range(2):
            project.kill("killed", after=generator.uniform(0, 1), with_dvc=bool(moment % 2))
        assert project.train("killed") == undisturbed
        assert "resuming after epoch" in project.output
