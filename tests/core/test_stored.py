"""Tensors on disk, mapped into memory or read row by row."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from stages.core import files, layout
from stages.core.errors import UserError
from stages.core.stored import Stored

ROWS = 23


@pytest.fixture
def tensors() -> dict[str, Tensor]:
    """One of each type that a split has; shapes are odd, so that nothing is aligned by luck."""
    generator = torch.Generator().manual_seed(0)
    return {
        "pixels": torch.randint(0, 256, (ROWS, 3, 5, 7), generator=generator).to(torch.uint8),
        "words": torch.randint(0, 9999, (ROWS, 11), generator=generator).int(),
        "labels": torch.arange(ROWS) % 4,
        "steps": torch.randn(ROWS, 3, generator=generator),
    }


@pytest.fixture
def path(tmp_path: Path, tensors: dict[str, Tensor]) -> Path:
    files.write_tensors(tmp_path / "some.safetensors", tensors)
    return tmp_path / "some.safetensors"


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(
        torch.equal(one[name], other[name]) and one[name].dtype == other[name].dtype for name in one
    )


def test_what_is_mapped_is_what_was_written(path: Path, tensors: dict[str, Tensor]) -> None:
    assert same(Stored(path).tensors, tensors)


@pytest.mark.parametrize("name", layout.TYPES)
def test_whatever_can_be_written_can_be_mapped_and_read(tmp_path: Path, name: str) -> None:
    x = (torch.arange(12).reshape(4, 3) % 2).to(getattr(torch, name))
    files.write_tensors(tmp_path / "one", {"x": x})
    stored, rows = Stored(tmp_path / "one"), torch.tensor([3, 0])
    for found, wanted in ((stored.tensors["x"], x), (stored.read("x", rows), x[rows])):
        assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
        assert found.view(torch.uint8).tolist() == wanted.view(torch.uint8).tolist()


def test_the_file_is_one_that_safetensors_reads(path: Path, tensors: dict[str, Tensor]) -> None:
    assert same(load_file(path), tensors)


@pytest.mark.parametrize("rows", [torch.tensor([5, 0, 22, 5]), slice(3, 9), slice(20, 23)])
@pytest.mark.parametrize("name", ["pixels", "words", "labels", "steps"])
def test_rows_that_are_read_are_those_rows(
    path: Path, tensors: dict[str, Tensor], name: str, rows: Tensor | slice
) -> None:
    read = Stored(path).read(name, rows)
    assert torch.equal(read, tensors[name][rows])
    assert read.dtype == tensors[name].dtype


def test_what_is_done_to_a_mapped_tensor_never_reaches_the_file(path: Path) -> None:
    before, mapped = path.read_bytes(), Stored(path)
    for tensor in mapped.tensors.values():
        tensor.zero_()
    assert path.read_bytes() == before


def test_a_file_that_is_cut_short_while_it_is_read_is_told(path: Path) -> None:
    open_one = Stored(path)
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size // 2)
    with pytest.raises(UserError, match=r"some.safetensors is cut short: run `dvc repro -f`"):
        for name in open_one.tensors:
            open_one.read(name, torch.tensor([ROWS - 1]))
