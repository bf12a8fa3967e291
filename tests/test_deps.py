"""What a stage reads: whatever its block names, or a stage before it wrote, stands among its deps."""

import importlib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from stages.core import files
from stages.judging import figures
from tests import blocks, photos, project
from tests.samples import ROOT

GRAPH: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
PICTURES = {"path": "mine", "prepare": {"side": 8, "channels": 1}}
SHORT = {"epochs": 1, "batch_size": 8}
PARAMS: dict[str, Any] = {
    "datasets": {"pictures": blocks.dataset("image_folder") | PICTURES},
    "pretrained": {"elsewhere": {"source": "weights_file", "path": "own.pth", "fetch": {}}},
    "models": {
        "judge": blocks.run("pictures", "mlp", start="elsewhere", fit=SHORT, widths=[8]),
        "drawer": blocks.run("pictures", "vae", "elbo", "generation", referee="judge", fit=SHORT),
    },
    "baselines": {"cheap": blocks.baseline("pictures", "pca", "generation") | {"referee": "judge"}},
}
# Each after those whose files it reads.
ORDER = ("download", "preprocess", "adopt", "train", "export", "evaluate", "baseline", "compare")

_opened: list[str] | None = None


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if _opened is not None and event == "open" and isinstance(arguments[0], str):
        _opened.append(str(Path(arguments[0]).absolute()))


@contextmanager
def watching() -> Iterator[list[str]]:
    """The paths of all files that Python opens in the meantime."""
    global _opened
    found = _opened = []
    try:
        yield found
    finally:
        _opened = None


def named(stage: str) -> dict[str, Any]:
    """The blocks that a stage runs over, by their names; one without a name where it runs once."""
    over = GRAPH[stage].get("foreach")
    blocks_: dict[str, Any] = PARAMS[over.strip("${}")] if over else {"": {}}
    return blocks_


def deps(stage: str, name: str) -> set[str]:
    """The paths that a stage depends on for a block."""
    block = named(stage)[name]
    text = GRAPH[stage].get("do", GRAPH[stage])["deps"]
    return {
        re.sub(r"\$\{item\.(\w+)\}", lambda key: block[key[1]], dep.replace("${key}", name)) for dep in text
    }


def run(stage: str, name: str) -> set[str]:
    """Run a stage for a block and return which files it opens of those that were there, params.yaml aside."""
    there = {path for path in Path().rglob("*") if path.is_file() and path != Path("params.yaml")}
    script = importlib.import_module(f"stages.{stage}")
    with watching() as paths:
        script.main(*([name] if name else []))
    return {path.as_posix() for path in there if str(path.absolute()) in paths}


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], set[str]]:
    """Stage and block -> the files that it reads, from the pictures of a user to the comparison."""
    sys.addaudithook(_note)  # for good: Python takes none back
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("project"))
        patch.delenv("DVC_ROOT", raising=False)
        patch.setattr(figures, "save", lambda *_: None)  # it takes longer than all the rest
        project.scratch()
        files.write_json(Path("params.yaml"), blocks.SHARED | PARAMS)  # JSON is YAML
        photos.write(Path("mine"), photos.folders({"cats": 40, "dogs": 40}))
        torch.save({"hidden.0.0.weight": torch.rand(8, 64)}, "own.pth")
        for stage in ORDER:
            for name in named(stage):
                found[stage, name] = run(stage, name)
    return found


@pytest.mark.parametrize("stage", GRAPH)
def test_every_file_that_a_stage_reads_stands_among_its_deps(
    stage: str, read: dict[tuple[str, str], set[str]]
) -> None:
    for name in named(stage):
        known = tuple(f"{dep}/" for dep in deps(stage, name))
        assert read[stage, name]
        assert not {file for file in read[stage, name] if not f"{file}/".startswith(known)}


def test_what_a_block_names_is_read(read: dict[tuple[str, str], set[str]]) -> None:
    """Without it, that all is among the deps would say nothing."""
    assert "mine/cats/000.jpg" in read["download", "pictures"]
    assert "own.pth" in read["adopt", "elsewhere"]
    assert "models/elsewhere/model.safetensors" in read["train", "judge"]
    judge = "models/judge/onnx/model.onnx"
    assert judge in read["evaluate", "drawer"] and judge in read["baseline", "cheap"]
