"""Tensors as files: safetensors' own bytes, whatever holds them and however they lie in memory."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from stages.core import files

DTYPES = [torch.uint8, torch.int32, torch.int64, torch.float32, torch.float16, torch.float64, torch.bool]


@pytest.fixture
def tensors() -> dict[str, Tensor]:
    """Of every type some, out of the order of their names, with a number and an empty one among them."""
    generator = torch.Generator().manual_seed(0)
    drawn = {
        f"{dtype}.{key}": torch.randint(0, 99, shape, generator=generator).to(dtype)
        for key, shape in {"weight": (3, 5, 7), "bias": (11,), "count": (), "none": (0, 4)}.items()
        for dtype in DTYPES
    }
    assert list(drawn) != sorted(drawn)
    return drawn


@pytest.mark.parametrize("said", [{}, {"card": '{"a": 1}'}])
def test_tensors_and_arrays_give_the_bytes_that_safetensors_writes_for_torch(
    tmp_path: Path, tensors: dict[str, Tensor], said: dict[str, str]
) -> None:
    save_file(tensors, tmp_path / "theirs", metadata=said or None)
    files.write_tensors(tmp_path / "ours", tensors, said=said)
    files.write_tensors(tmp_path / "arrays", {name: one.numpy() for name, one in tensors.items()}, said=said)
    theirs = (tmp_path / "theirs").read_bytes()
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "arrays").read_bytes() == theirs
    with safe_open(tmp_path / "ours", framework="pt") as file:
        assert file.metadata() == (said or None)
        assert all(torch.equal(file.get_tensor(name), one) for name, one in tensors.items())


def test_the_digest_is_that_of_the_file(tmp_path: Path, tensors: dict[str, Tensor]) -> None:
    digest = files.write_tensors(tmp_path / "one", tensors)
    assert digest == hashlib.sha256((tmp_path / "one").read_bytes()).hexdigest()


@pytest.mark.parametrize("kind", [torch.from_numpy, np.asarray])
def test_the_same_tensors_give_the_same_bytes_however_they_lie_in_memory(tmp_path: Path, kind: type) -> None:
    plain = np.arange(120).reshape(2, 3, 4, 5)
    turned = plain.transpose(0, 2, 3, 1).copy().transpose(0, 3, 1, 2)
    stepped = np.repeat(plain, 2, axis=3)[..., ::2]
    assert len({plain.strides, turned.strides, stepped.strides}) == 3
    written = {files.write_tensors(tmp_path / "one", {"x": kind(x)}) for x in (plain, turned, stepped)}
    assert len(written) == 1


def test_tensors_that_share_memory_are_written_each(tmp_path: Path) -> None:
    x = torch.rand(4, 4)
    together = files.write_tensors(tmp_path / "one", {"whole": x, "part": x[1:], "again": x})
    apart = files.write_tensors(tmp_path / "two", {"whole": x, "part": x[1:].clone(), "again": x.clone()})
    assert together == apart


def test_other_tensors_give_another_digest(tmp_path: Path) -> None:
    x = torch.arange(9)
    digests = [files.write_tensors(tmp_path / "one", one) for one in ({"x": x}, {"x": x.flip(0)}, {"y": x})]
    assert len(set(digests)) == 3
