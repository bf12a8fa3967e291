"""Splits on disk, mapped into memory."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from stages.core import pixels, spec, splits
from stages.core.errors import UserError
from stages.core.splits import Split

IMAGES = 23
SHAPE = (3, 5, 7)  # odd: nothing is aligned by luck


@pytest.fixture
def x() -> torch.Tensor:
    return torch.randint(
        0, 256, (IMAGES, *SHAPE), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )


@pytest.fixture
def y() -> torch.Tensor:
    return torch.arange(IMAGES) % 4


@pytest.fixture(params=["mapped", "read"])
def path(
    tmp_path: Path,
    x: torch.Tensor,
    y: torch.Tensor,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A split of the size that is mapped, and of the size that is read."""
    if request.param == "read":
        monkeypatch.setattr(splits, "_MAPPED", 0)
    splits.write(tmp_path / "toy" / "train.safetensors", x=x, y=y)
    return tmp_path / "toy" / "train.safetensors"


def test_what_is_read_is_what_was_written(path: Path, x: torch.Tensor, y: torch.Tensor) -> None:
    split = Split(path)
    assert len(split) == IMAGES
    assert torch.equal(split.x, x)
    assert torch.equal(split.y, y)
    assert (split.x.dtype, split.y.dtype) == (torch.uint8, torch.int64)


def test_the_digest_is_that_of_the_file(tmp_path: Path, x: torch.Tensor, y: torch.Tensor) -> None:
    digest = splits.write(tmp_path / "split", x=x, y=y)
    assert digest == hashlib.sha256((tmp_path / "split").read_bytes()).hexdigest()


def test_the_same_examples_give_the_same_bytes_however_they_lie_in_memory(
    tmp_path: Path, x: torch.Tensor, y: torch.Tensor
) -> None:
    strided = x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
    assert splits.write(tmp_path / "one", x=x, y=y) == splits.write(tmp_path / "two", x=strided, y=y)


def test_other_examples_give_another_digest(tmp_path: Path, x: torch.Tensor, y: torch.Tensor) -> None:
    assert splits.write(tmp_path / "one", x=x, y=y) != splits.write(tmp_path / "two", x=x, y=y.flip(0))


@pytest.mark.parametrize("rows", [torch.tensor([5, 0, 22, 5]), slice(3, 9), slice(20, 23)])
def test_a_taken_batch_is_those_rows(
    path: Path, x: torch.Tensor, y: torch.Tensor, rows: torch.Tensor | slice
) -> None:
    batch = Split(path).take(rows)
    assert torch.equal(batch.x, x[rows])
    assert torch.equal(batch.y, y[rows])


@pytest.mark.parametrize("rows", [torch.tensor([0, 1]), slice(0, 2)])
def test_what_is_done_to_a_batch_touches_neither_the_split_nor_its_file(
    path: Path, x: torch.Tensor, rows: torch.Tensor | slice
) -> None:
    before, split = path.read_bytes(), Split(path)
    split.take(rows).x.zero_()
    assert torch.equal(split.x, x)
    assert path.read_bytes() == before


@pytest.mark.parametrize("size", [1, 5, 8, 22, 23, 100])
def test_batches_are_all_examples_in_order_in_nearly_equal_parts(
    path: Path, x: torch.Tensor, y: torch.Tensor, size: int
) -> None:
    batches = list(Split(path).batches(size))
    sizes = [len(batch.y) for batch in batches]
    assert torch.equal(torch.cat([batch.x for batch in batches]), x)
    assert torch.equal(torch.cat([batch.y for batch in batches]), y)
    assert max(sizes) <= size
    assert max(sizes) - min(sizes) <= 1


def test_a_missing_split_names_the_stage_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"run `dvc repro preprocess@toy` first"):
        Split(tmp_path / "toy" / "val.safetensors")


def test_standardised_inputs_are_less_the_mean_and_over_the_deviation(x: torch.Tensor) -> None:
    shares = x.numpy() / 255
    mean, std = shares.mean(axis=(0, 2, 3)), shares.std(axis=(0, 2, 3))
    facts = spec.Spec(
        dataset="toy",
        source="toy",
        shape=SHAPE,
        classes=("a",),
        counts={},
        mean=tuple(mean.tolist()),
        std=tuple(std.tolist()),
        sha256={},
    )
    standardised = pixels.standardise(pixels.unit(x), facts)
    expected = (shares - mean[:, None, None]) / std[:, None, None]
    np.testing.assert_allclose(standardised.numpy(), expected, rtol=1e-4, atol=1e-5)
    assert standardised.mean().abs() < 1e-5


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux to ask for resident memory")
@pytest.mark.parametrize("shuffled", [False, True])
def test_a_large_split_is_never_in_memory_whole(tmp_path: Path, shuffled: bool) -> None:
    images, size = 50_000, 3 * 32 * 32
    splits.write(
        tmp_path / "large", x=torch.ones(images, 3, 32, 32, dtype=torch.uint8), y=torch.zeros(images).long()
    )
    split, generator = Split(tmp_path / "large"), torch.Generator().manual_seed(0)
    order = torch.randperm(images, generator=generator) if shuffled else torch.arange(images)
    before, peak, total = resident(), 0, 0
    for rows in order.split(500):
        total += int(split.take(rows).x.sum())
        peak = max(peak, resident())
    assert total == images * size
    # What torch's threads and the allocator keep to themselves is a quarter of it, whatever the size.
    assert peak - before < images * size / 2


def test_a_large_split_that_is_cut_short_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "train.safetensors"
    splits.write(path, x=torch.zeros(64, 1, 8, 8, dtype=torch.uint8), y=torch.zeros(64).long())
    monkeypatch.setattr(splits, "_MAPPED", 0)
    split = Split(path)
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size - 4096)
    with pytest.raises(UserError, match=r"train.safetensors is cut short"):
        split.take(torch.tensor([63]))
