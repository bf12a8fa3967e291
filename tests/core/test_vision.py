"""torchvision can be used, whatever became of its compiled operators."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from stages.core import vision


def test_readers_and_transforms_can_be_used() -> None:
    assert vision.torchvision.datasets.MNIST.resources
    assert vision.torchvision.transforms.RandomCrop


def test_an_import_that_fails_for_another_reason_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> None:
        raise RuntimeError("another reason")

    monkeypatch.setattr(importlib, "import_module", broken)
    with pytest.raises(RuntimeError, match="another reason"):
        vision._import()


@pytest.mark.slow
def test_operators_that_do_not_load_are_stood_in_for_without_a_warning() -> None:
    hidden = """
import torch
load = torch.ops.load_library
def refused(path):
    raise OSError(path)
torch.ops.load_library = refused
from stages.core import vision
assert vision._declared and vision.torchvision.datasets.MNIST
"""
    subprocess.run([sys.executable, "-W", "error", "-c", hidden], check=True)


def test_it_is_the_only_door_to_torchvision() -> None:
    stages = Path(vision.__file__).parents[1]
    for file in stages.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                assert all(name.name.partition(".")[0] != "torchvision" for name in node.names), file
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").partition(".")[0] != "torchvision", file
