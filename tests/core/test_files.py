"""Tensors as files: safetensors' own bytes, whatever holds them and however they lie in memory."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from stages.core import files, layout
from stages.core.errors import UserError

DTYPES = [getattr(torch, name) for name in layout.TYPES]
NUMPY = [dtype for dtype in DTYPES if hasattr(np, str(dtype).removeprefix("torch."))]


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
def test_tensors_give_the_bytes_that_safetensors_writes_for_torch(
    tmp_path: Path, tensors: dict[str, Tensor], said: dict[str, str]
) -> None:
    save_file(tensors, tmp_path / "theirs", metadata=said or None)
    files.write_tensors(tmp_path / "ours", tensors, said=said)
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()
    with safe_open(tmp_path / "ours", framework="pt") as file:
        assert file.metadata() == (said or None)
        for name, one in tensors.items():
            found = file.get_tensor(name)
            assert (found.dtype, found.shape) == (one.dtype, one.shape)
            assert torch.equal(found.flatten().view(torch.uint8), one.flatten().view(torch.uint8))


@pytest.mark.parametrize("order", ["<", ">"])
def test_arrays_give_the_same_bytes_in_whatever_order_memory_has_theirs(
    tmp_path: Path, tensors: dict[str, Tensor], order: str
) -> None:
    known = {name: one for name, one in tensors.items() if one.dtype in NUMPY}
    assert {one.dtype for one in known.values()} == set(NUMPY) and len(NUMPY) > 10
    arrays = {name: one.numpy() for name, one in known.items()}
    turned = {name: one.astype(one.dtype.newbyteorder(order)) for name, one in arrays.items()}
    save_file(known, tmp_path / "theirs")
    files.write_tensors(tmp_path / "ours", turned)
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


def test_a_parameter_is_written_as_the_numbers_it_holds(tmp_path: Path) -> None:
    x = torch.rand(3, 2, dtype=torch.bfloat16)
    digests = {files.write_tensors(tmp_path / "one", {"x": one}) for one in (x, torch.nn.Parameter(x))}
    assert len(digests) == 1


UNWRITABLE: dict[str, Any] = {
    "complex64": torch.zeros(2, dtype=torch.complex64),
    "complex128": np.zeros(2, np.complex128),
    "sparse_coo": torch.eye(2).to_sparse(),
    "float4_e2m1fn_x2": torch.zeros(2, dtype=torch.uint8).view(torch.float4_e2m1fn_x2),
    "str96": np.array(["one", "two"]),
    "object": np.array([{}, None]),
    "dict": {},
}


@pytest.mark.parametrize("kind", UNWRITABLE)
def test_what_no_file_can_hold_is_refused_by_its_name_and_leaves_what_was_there(
    tmp_path: Path, kind: str
) -> None:
    place = tmp_path / "one"
    place.write_text("before")
    with pytest.raises(UserError) as caught:
        files.write_tensors(place, {"a": torch.zeros(1), "phase": UNWRITABLE[kind]})
    rule = "phase must be a dense tensor of numbers that safetensors hold"
    assert str(caught.value) == f"cannot write {place}: {rule}, got {kind}"
    assert place.read_text() == "before" and list(tmp_path.iterdir()) == [place]


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "reports").touch()
    with pytest.raises(UserError, match=r"^cannot write .*/reports/one\.json: File exists$"):
        files.write_json(tmp_path / "reports/one.json", {})


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
