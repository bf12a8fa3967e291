"""The README: every command in it runs, in its order, in a copy of the project."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
import yaml
from PIL import Image

from stages import download, export, preprocess, train
from stages.core import inputs, params, splits
from stages.core.splits import Batch
from stages.exporting import usage
from stages.judging import verdict
from stages.modelling import weights
from stages.sourcing import pictures
from stages.sourcing.pictures import Channels, Fit, Form
from tests import photos, samples
from tests.project import configure, scratch
from tests.samples import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PHOTOS = {"cats": 3, "dogs": 3}
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
    runs = params.load(ROOT / "params.yaml").models
    if run not in runs:
        pytest.skip(f"the README shows the line of {run}, which params.yaml has no more")
    scores = json.loads((ROOT / file).read_text(encoding="utf-8"))
    said = verdict.headline(scores, task=runs[run].task)
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
    shutil.copy(project / "data/photos/cats/0.jpg", project / "cat.jpg")
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


def block(name: str) -> dict[str, Any]:
    """What the README writes into params.yaml under that name."""
    (text,) = (text for text in blocks("yaml") if text.startswith(f"  {name}:"))
    content: dict[str, Any] = yaml.safe_load(text)[name]
    return content


def recipe() -> dict[str, float]:
    """The probabilities that the lines of the README tell of cat.jpg."""
    (lines,) = (text for text in blocks("python") if "onnxruntime" in text)
    assert "stages" not in lines
    known: dict[str, Any] = {}
    exec(lines, known)
    found: dict[str, float] = known["probabilities"]
    return found


def test_an_exported_file_alone_tells_of_a_photo_what_the_pipeline_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    dataset, run = block("photos"), block("photos_cnn")
    dataset["prepare"]["side"] = 16
    run["fit"] |= {"epochs": 1}
    run["hyper"] |= {"channels": [4, 4]}
    configure(datasets={"photos": dataset}, models={"photos_cnn": run}, baselines={})
    scratch()
    for seed, split in enumerate(("train", "val", "test")):
        photos.write(tmp_path, photos.folders(PHOTOS, around=f"data/photos/{split}/", seed=10 * seed))
    for stage in (download, preprocess):
        stage.main("photos")
    for stage in (train, export):
        stage.main("photos_cnn")
    model, card = weights.load("photos_cnn")
    ((_, test),) = inputs.walk(splits.load(card.spec, "test"), card.spec, device=torch.device("cpu"))
    with torch.no_grad():
        told = model(test.x).softmax(dim=1)
    for wanted, file in zip(told, sorted(Path("data/photos/test").glob("*/*")), strict=True):
        shutil.copy(file, "cat.jpg")
        found = recipe()
        assert max(found, key=found.__getitem__) == [*PHOTOS][wanted.argmax()]
        np.testing.assert_allclose([*found.values()], wanted, atol=1e-5)
    said = capsys.readouterr().out.splitlines()[-len(PHOTOS) :]
    assert said == [f"{name}: {found[name]:.1%}" for name in PHOTOS]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("fit", ["crop", "squash", "pad"])
def test_the_recipe_follows_the_metadata_of_whatever_form(
    fit: Fit, channels: Channels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    form = Form(16, fit, channels)
    facts = samples.spec(form.shape).model_copy(update={"reading": form.reading})
    told = {key: json.dumps(value) for key, value in usage.instructions(facts).items()}
    given: list[Any] = []

    def run(_: None, inputs: dict[str, Any]) -> list[Any]:
        given.append(inputs["x"])
        return [np.zeros((1, len(facts.classes)), np.float32)]

    model = SimpleNamespace(get_modelmeta=lambda: SimpleNamespace(custom_metadata_map=told), run=run)
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda _: model)
    upright = Image.Exif()
    upright[274] = 6
    for content in (
        photos.packed(Image.fromarray(photos.pixels(60, 90)), exif=upright),
        photos.packed(Image.new("RGBA", (20, 30), (*photos.RED, 51))),
        photos.packed(Image.fromarray(photos.pixels(600, 800)).convert("L"), "JPEG"),
    ):
        Path("cat.jpg").write_bytes(content)
        recipe()
        raw = Batch(torch.from_numpy(pictures.decode(content, form)[None].copy()), torch.zeros(1))
        ready = inputs.ready(raw, facts, device=torch.device("cpu"))
        np.testing.assert_allclose(given.pop(), ready.x, atol=1e-5)


def link(file: str, copy: str) -> None:
    """Give a file a second name, or a copy on another disk; DVC never writes to a file of its cache again."""
    try:
        os.link(file, copy)
    except OSError:
        shutil.copy2(file, copy)


def gone() -> list[str]:
    """The runs in the commands of the README that neither params.yaml has nor the README writes into it."""
    named = set(re.findall(r"models[./](\w+)[./]", "".join(blocks("bash"))))
    written = set(re.findall(r"^  (\w+):", "".join(blocks("yaml")), re.MULTILINE))
    return sorted(named - written - params.load(ROOT / "params.yaml").models.keys())


@pytest.mark.slow
@pytest.mark.skipif(bool(gone()), reason=f"params.yaml has no more what the commands name: {gone()}")
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
        if kind == "python" and "def build(" in text:
            (project / "stages/architectures/bottleneck.py").write_text(text)
        elif kind == "python":
            run(f"python -c {shlex.quote(text)}")
        elif kind == "yaml" and re.match(r"  \w", text):  # not what is shown of the inside of a block
            add(project, text)
        # Who fetches MNIST: wherever CI runs, DATA_MIRROR or the network has it.
        elif kind == "bash" and ("source: mnist" not in text or os.environ.get("DATA_MIRROR")):
            run(text)
            run("git add -A && git commit -qm more --allow-empty")
    assert "bottleneck" in (project / "reports/comparison.md").read_text()
    own = ("photos", "tickets", "load")
    assert all((project / "data/processed" / name / "spec.json").exists() for name in own)
