"""Files of weights that others wrote: however damaged, they cost one line."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save
from torch import Tensor

from stages.core.errors import UserError
from stages.sourcing import checkpoints

TENSORS = {"weight": torch.arange(12.0).reshape(3, 4), "bias": torch.ones(3)}


def packed(*, is_zip: bool) -> bytes:
    """A state dict as torch writes it now, or as it did before 1.6."""
    content = io.BytesIO()
    torch.save(TENSORS, content, _use_new_zipfile_serialization=is_zip)
    return content.getvalue()


def read(folder: Path, content: bytes) -> dict[str, Tensor]:
    (folder / "own.pth").write_bytes(content)
    return checkpoints.read(folder / "own.pth")


@pytest.mark.parametrize("is_zip", [True, False])
def test_a_whole_file_is_read(tmp_path: Path, is_zip: bool) -> None:
    found = read(tmp_path, packed(is_zip=is_zip))
    assert all(torch.equal(found[name], tensor) for name, tensor in TENSORS.items())


@pytest.mark.parametrize("is_zip", [True, False])
def test_a_damaged_file_is_read_or_refused_in_one_line(tmp_path: Path, is_zip: bool) -> None:
    whole, random, refused = packed(is_zip=is_zip), np.random.RandomState(0), 0
    for _ in range(150):
        damaged = bytearray(whole)
        for place in random.randint(len(whole), size=3):
            damaged[place] = random.randint(256)
        try:
            read(tmp_path, bytes(damaged[: random.randint(1, 2 * len(whole))]))
        except UserError as error:
            refused += 1
            assert str(error).startswith("own.pth must ") and "\n" not in str(error)
    assert refused > 50


@pytest.mark.parametrize("end", [0, 4, 20, -1])
def test_of_a_safetensors_file_that_breaks_off_it_is_told_where(tmp_path: Path, end: int) -> None:
    (tmp_path / "own.safetensors").write_bytes(save(TENSORS)[:end])
    with pytest.raises(UserError, match=r"^own.safetensors must be .*: .*header.*; safetensors.torch.save_f"):
        checkpoints.read(tmp_path / "own.safetensors")


@pytest.mark.parametrize(
    ("tensors", "told"),
    [
        ({"a": torch.ones(1), "module.a": torch.zeros(1)}, "must name a tensor once, .*, got both$"),
        (
            {"a": torch.empty(1, device="meta")},
            r"must hold tensors .*, got 'a tensor without numbers \(meta\)'; ",
        ),
    ],
    ids=["twice", "meta"],
)
def test_tensors_that_leave_open_what_they_hold_are_refused(
    tmp_path: Path, tensors: dict[str, Tensor], told: str
) -> None:
    torch.save(tensors, tmp_path / "own.pth")
    with pytest.raises(UserError, match=rf"^own\.pth {told}"):
        checkpoints.read(tmp_path / "own.pth")
