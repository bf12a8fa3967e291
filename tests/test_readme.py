"""The README: every command in it runs, in its order, in a copy of the project."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from stages.core import params
from stages.judging import verdict
from tests.samples import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    return [text for kind, text in BLOCKS if kind == language]


def test_the_two_commands_are_what_ci_runs() -> None:
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    first = [line.split("#")[0].strip() for line in blocks("bash")[0].splitlines()]
    assert first == ["make", "make test"]
    assert set(first) <= set(ci)


def test_the_line_that_a_stage_ends_in_is_that_of_the_committed_results() -> None:
    (line,) = (text.strip() for text in blocks("text") if "->" in text)
    run, file = re.fullmatch(r"evaluate@(\w+): .* -> (.*)", line).groups()  # type: ignore[union-attr]
    scores = json.loads((ROOT / file).read_text(encoding="utf-8"))
    task = params.load(ROOT / "params.yaml").models[run].task
    said = verdict.headline(scores, task=task)
    assert line == f"evaluate@{run}: {said} -> {file}"


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def write_own(project: Path) -> None:
    """The photos, the texts and the series that the README speaks of."""
    for number in range(60):
        name = ("cats", "dogs")[number % 2]
        place = project / f"data/photos/{name}/{number}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (90, 70 + number), (20 + number, 90, 200 * (number % 2))).save(place)
    texts = [f"{n} is {'broken' if n % 2 else 'late'},{'repair' if n % 2 else 'delivery'}" for n in range(40)]
    (project / "tickets.csv").write_text("\n".join(["message,queue", *texts]) + "\n")
    hours = [f"2026-01-{1 + n // 24:02}T{n % 24:02}:00,{n % 24}.5" for n in range(700)]
    (project / "load.csv").write_text("\n".join(["hour,kilowatts", *hours]) + "\n")


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"`((?:stages|benchmarks|reports|tests)/[\w./]+)`", README))
    missing = {name for name in named if not (ROOT / name).exists()}
    # Written by who follows the instructions, and by every run.
    assert missing <= {
        "stages/architectures/bottleneck.py",
        "reports/timing/",
        "reports/figures/photos_cnn/",
        "reports/figures/tickets_lstm/",
    }


def add(project: Path, block: str) -> None:
    """Put a block of the README into params.yaml, under the heading that its kind has."""
    headings = {"source:": "datasets", "architecture:": "models", "method:": "baselines"}
    (kind,) = [heading for key, heading in headings.items() if f" {key}" in block]
    params = project / "params.yaml"
    params.write_text(params.read_text().replace(f"{kind}:\n", f"{kind}:\n{block}", 1))


def link(file: str, copy: str) -> None:
    """Give a file a second name, or a copy on another disk; DVC never writes to a file of its cache again."""
    try:
        os.link(file, copy)
    except OSError:
        shutil.copy2(file, copy)


@pytest.mark.slow
def test_every_other_command_runs(tmp_path: Path) -> None:
    project = tmp_path / "archlab"
    subprocess.run(["git", "clone", "-q", ROOT, project], check=True)
    identity = "[user]\n\tname = test\n\temail = test@example.org\n"
    (tmp_path / "gitconfig").write_text(identity)
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"),
    }

    def run(script: str) -> None:
        shell = ["bash", "-euo", "pipefail", "-c", script]
        done = subprocess.run(
            shell, cwd=project, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"

    if (cache := ROOT / ".dvc/cache").exists():  # what `make` made: no run of the project is trained again
        shutil.copytree(cache, project / ".dvc/cache", copy_function=link)
    write_own(project)
    for kind, text in BLOCKS[1:]:
        if kind == "python":
            (project / "stages/architectures/bottleneck.py").write_text(text)
        elif kind == "yaml" and re.match(r"  \w", text):  # not what is shown of the inside of a block
            add(project, text)
        # Who fetches MNIST: wherever CI runs, DATA_MIRROR or the network has it.
        elif kind == "bash" and ("source: mnist" not in text or os.environ.get("DATA_MIRROR")):
            run(text)
            run("git add -A && git commit -qm more --allow-empty")
    assert "bottleneck" in (project / "reports/comparison.md").read_text()
    own = ("photos", "tickets", "load")
    assert all((project / "data/processed" / name / "spec.json").exists() for name in own)
