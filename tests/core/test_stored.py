"""Tensors on disk, mapped into memory or read row by row."""

import hashlib
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor

from stages.core import stored
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
    stored.write(tmp_path / "some.safetensors", tensors)
    return tmp_path / "some.safetensors"


def test_one_entry_may_stand_beside_them_and_the_bytes_repeat(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("one", "other")]
    digests = {stored.write(path, {"x": torch.ones(2)}, said={"entry": '{"a": 1}'}) for path in paths}
    assert len(digests) == 1
    with safe_open(paths[0], framework="pt") as file:
        assert file.metadata() == {"entry": '{"a": 1}'}
    assert torch.equal(Stored(paths[0]).tensors["x"], torch.ones(2))


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(
        torch.equal(one[name], other[name]) and one[name].dtype == other[name].dtype for name in one
    )


def test_what_is_mapped_is_what_was_written(path: Path, tensors: dict[str, Tensor]) -> None:
    assert same(Stored(path).tensors, tensors)


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


def test_the_digest_is_that_of_the_file(tmp_path: Path, tensors: dict[str, Tensor]) -> None:
    digest = stored.write(tmp_path / "one", tensors)
    assert digest == hashlib.sha256((tmp_path / "one").read_bytes()).hexdigest()


def test_the_same_tensors_give_the_same_bytes_however_they_lie_in_memory(
    tmp_path: Path, tensors: dict[str, Tensor]
) -> None:
    turned = tensors["pixels"].permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
    assert turned.stride() != tensors["pixels"].stride()
    one = stored.write(tmp_path / "one", tensors)
    assert stored.write(tmp_path / "two", tensors | {"pixels": turned}) == one


def test_other_tensors_give_another_digest(tmp_path: Path, tensors: dict[str, Tensor]) -> None:
    one = stored.write(tmp_path / "one", tensors)
    assert stored.write(tmp_path / "two", tensors | {"labels": tensors["labels"].flip(0)}) != one


def test_a_file_that_is_cut_short_while_it_is_read_is_told(path: Path) -> None:
    open_one = Stored(path)
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size // 2)
    with pytest.raises(UserError, match=r"some.safetensors is cut short: run `dvc repro -f`"):
        for name in open_one.tensors:
            open_one.read(name, torch.tensor([ROWS - 1]))
