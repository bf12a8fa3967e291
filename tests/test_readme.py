"""README.md and docs/: every command in them runs, in its order, in a copy of the project."""

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from stages.core import choices, files, params, rooms
from tests import pages, samples
from tests.pages import PAGES, README, Page, blocks
from tests.samples import ROOT

ALL = pytest.mark.parametrize("page", PAGES, ids=str)


def test_the_two_commands_are_what_ci_runs() -> None:
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    first = [line.split("#")[0].strip() for line in blocks("bash")[0].splitlines()]
    assert first == ["make", "make test"]
    assert set(first) <= set(ci)


@ALL
def test_every_link_leads_somewhere(page: Page) -> None:
    known = {other.path: other for other in PAGES}
    for link in page.links:
        path, _, anchor = link.partition("#")
        target = (ROOT / page.path).parent / path if path else ROOT / page.path
        assert target.resolve().is_relative_to(ROOT) and target.exists(), link
        if anchor:
            assert anchor in known[target.resolve().relative_to(ROOT).as_posix()].anchors, link


def test_the_readme_names_every_page() -> None:
    assert {page.path for page in PAGES[1:]} == {f"docs/{file.name}" for file in (ROOT / "docs").iterdir()}


@ALL
def test_a_page_has_one_title_and_lines_that_are_not_too_long(page: Page) -> None:
    assert len(re.findall(r"^# ", page.prose, re.MULTILINE)) == 1
    assert [line for line in page.text.splitlines() if len(line) > 110] == []


def test_every_file_that_is_named_exists() -> None:
    text = "".join(page.text for page in PAGES)
    named = set(re.findall(r"`((?:stages|benchmarks|reports|tests)/[\w./]+)`", text))
    missing = {name for name in named if not (ROOT / name).exists()}
    # Written by who follows the instructions, and by every run.
    assert missing <= {
        "stages/architectures/bottleneck.py",
        "reports/timing/",
        "reports/comparison.md",
        "reports/figures/photos_cnn/",
        "reports/figures/tickets_lstm/",
        "reports/figures/cnn/explained.png",
        "reports/figures/text_gru/explained.png",
    }


def arguments(everything: params.Params) -> Iterator[tuple[str, str, str, str, dict[str, Any]]]:
    """Room, file, function, where in params.yaml its arguments stand, and these, of what the pages add."""
    added = pages.params()
    for name in added["datasets"]:
        dataset = everything.datasets[name]
        for step in ("fetch", "prepare", "encode"):
            yield "datasets", dataset.source, step, f"datasets.{name}.{step}", getattr(dataset, step)
    for name in added["pretrained"]:
        block = everything.pretrained[name]
        yield "pretrained", block.source, "fetch", f"pretrained.{name}.fetch", block.fetch
    for name in added["models"]:
        run = everything.models[name]
        yield "architectures", run.architecture, "build", f"models.{name}.hyper", run.hyper
        yield "objectives", run.objective, "build", f"models.{name}.loss", run.loss
        yield "tasks", run.task, "build", f"models.{name}.measure", run.measure
    for name in added["baselines"]:
        baseline = everything.baselines[name]
        yield "classical", baseline.method, "build", f"baselines.{name}.hyper", baseline.hyper
        yield "tasks", baseline.task, "build", f"baselines.{name}.measure", baseline.measure


def test_what_the_pages_write_into_params_holds(tmp_path: Path) -> None:
    content = samples.content()
    for heading, named in pages.params().items():
        assert named
        for name, block in named.items():
            content[heading][name] = content[heading].get(name, {}) | block
    content["models"]["bottleneck"]["architecture"] = "mlp"  # its file is written by who follows the page
    content["models"]["bottleneck"]["hyper"] = {}
    files.write_json(tmp_path / "params.yaml", content)
    for room, file, function, at, given in arguments(params.load(tmp_path / "params.yaml")):
        rooms.check_arguments(getattr(choices.load(room, file), function), given, at=at)


def test_a_block_stands_below_its_heading_and_comes_there() -> None:
    content = (ROOT / "params.yaml").read_text()
    before = yaml.safe_load(content)
    for text in blocks("yaml"):
        assert set(re.findall(r"^\S.*?(?=:)", text, re.MULTILINE)) <= set(pages.HEADINGS)
        content = pages.add(text, content)
    for heading, named in pages.params().items():
        new = {name: block for name, block in named.items() if name not in before[heading]}
        assert yaml.safe_load(content)[heading] == new | before[heading]


def write_own(project: Path) -> None:
    """The photos, the texts and the series that the pages speak of."""
    for number in range(60):
        name = ("cats", "dogs")[number % 2]
        place = project / f"data/photos/{name}/{number}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (90, 70 + number), (20 + number, 90, 200 * (number % 2))).save(place)
    shutil.copy(project / "data/photos/cats/0.jpg", project / "cat.jpg")
    texts = [f"{n} is {'broken' if n % 2 else 'late'},{'repair' if n % 2 else 'delivery'}" for n in range(40)]
    (project / "tickets.csv").write_text("\n".join(["message,queue", *texts]) + "\n")
    hours = [f"2026-01-{1 + n // 24:02}T{n % 24:02}:00,{n % 24}.5" for n in range(700)]
    (project / "load.csv").write_text("\n".join(["hour,kilowatts", *hours]) + "\n")


def link(file: str, copy: str) -> None:
    """Give a file a second name, or a copy on another disk; DVC never writes to a file of its cache again."""
    try:
        os.link(file, copy)
    except OSError:
        shutil.copy2(file, copy)


class Reader:
    """Who follows the pages in a clone of the project, and types nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.project = folder, folder / "archlab"
        identity = "[user]\n\tname = test\n\temail = test@example.org\n"
        (folder / "gitconfig").write_text(identity)
        self.environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
        }
        subprocess.run(["git", "clone", "-q", ROOT, self.project], check=True)
        cache = ROOT / ".dvc/cache"
        if cache.exists():  # as `make` leaves it: no run of the project is trained again
            shutil.copytree(cache, self.project / ".dvc/cache", copy_function=link)
            self.type("dvc checkout")

    def type(self, script: str, *, at: Path | None = None) -> str:
        """What a script says, which must succeed."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=at or self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def changed(self) -> str:
        """What differs from the last commit: of what git keeps, and of what DVC does."""
        of_git = self.type("git status --porcelain -- params.yaml dvc.lock stages reports")
        locked = yaml.safe_load((self.project / "dvc.lock").read_text())["stages"]["train@cnn"]["outs"]
        (weights,) = (out for out in locked if out["path"] == "models/cnn/model.safetensors")
        is_kept = hashlib.md5((self.project / weights["path"]).read_bytes()).hexdigest() == weights["md5"]
        return of_git + ("" if is_kept else weights["path"])

    def review(self, script: str) -> None:
        """In a fresh clone of what is committed: without data, weights and a cache."""
        clone = self.folder / "review"
        subprocess.run(["git", "clone", "-q", self.project, clone], check=True)
        self.type(script, at=clone)

    def follow(self, language: str, text: str) -> None:
        """Do what a block asks for."""
        if language == "yaml":
            file = self.project / "params.yaml"
            file.write_text(pages.add(text, file.read_text()))
        elif language == "python" and "def build(" in text:
            (self.project / "stages/architectures/bottleneck.py").write_text(text)
        elif language == "python":
            self.type(f"python -c {shlex.quote(text)}")
        elif "HEAD~1" in text:
            self.review(text)
        # Who fetches MNIST: wherever CI runs, DATA_MIRROR or the network has it.
        elif language == "bash" and ("source: mnist" not in text or os.environ.get("DATA_MIRROR")):
            self.type(text)


def gone() -> list[str]:
    """The runs in the commands of the pages that neither params.yaml has nor the pages write into it."""
    named = set(re.findall(r"models[./](\w+)[./]", "".join(blocks("bash"))))
    return sorted(named - pages.params()["models"].keys() - params.load(ROOT / "params.yaml").models.keys())


@pytest.mark.slow
@pytest.mark.skipif(bool(gone()), reason=f"params.yaml has no more what the commands name: {gone()}")
def test_every_other_command_runs(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    write_own(reader.project)
    (take_back,) = (text for text in blocks("bash") if "git restore" in text)
    for page in PAGES:
        for language, text in page.blocks[page is README :]:
            assert text != take_back or reader.changed(), "there is nothing to take back"
            reader.follow(language, text)
            assert text != take_back or not reader.changed()
        # The next page begins with what is committed, and none commits but by its own commands.
        reader.type(take_back)
        assert not reader.changed()
    project = reader.project
    assert "bottleneck" in (project / "reports/comparison.md").read_text()
    own = ("photos", "tickets", "load")
    assert all((project / "data/processed" / name / "spec.json").exists() for name in own)
