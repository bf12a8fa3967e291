"""Splits on disk: rows of images and texts, windows of a series."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view
from torch import Tensor

from stages.core import files, paths, splits
from stages.core.errors import UserError
from stages.core.spec import Spec
from tests import samples

IMAGES, TEXTS, SERIES = samples.spec((3, 5, 7)), samples.texts_spec(), samples.series_spec()


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(facts: Spec) -> dict[str, Tensor]:
    """Put a data set on disk; what its train split is made of."""
    samples.write(facts)
    return samples.tensors(facts)


@pytest.fixture(params=["mapped", "read"])
def images(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, Tensor]:
    """A split of the size that is mapped, and of the size that is read."""
    if request.param == "read":
        monkeypatch.setattr(splits, "_MAPPED", 0)
    return write(IMAGES)


def test_a_loaded_split_is_what_was_written(images: dict[str, Tensor]) -> None:
    split = splits.load(IMAGES, "train")
    assert len(split) == IMAGES.size("train")
    assert torch.equal(split.x, images["x"])
    assert torch.equal(split.y, images["y"])
    assert (split.x.dtype, split.y.dtype, split.lengths) == (torch.uint8, torch.int64, None)


@pytest.mark.parametrize("rows", [torch.tensor([5, 0, 22, 5]), slice(3, 9), slice(60, 64)])
def test_a_taken_batch_is_those_rows(images: dict[str, Tensor], rows: Tensor | slice) -> None:
    batch = splits.load(IMAGES, "train").take(rows)
    assert torch.equal(batch.x, images["x"][rows])
    assert torch.equal(batch.y, images["y"][rows])


@pytest.mark.parametrize("rows", [torch.tensor([0, 1]), slice(0, 2)])
def test_what_is_done_to_a_batch_touches_neither_the_split_nor_its_file(
    images: dict[str, Tensor], rows: Tensor | slice
) -> None:
    path = paths.split("sample", "train")
    before, split = path.read_bytes(), splits.load(IMAGES, "train")
    batch = split.take(rows)
    batch.x.zero_()
    batch.y.zero_()
    assert torch.equal(split.x, images["x"]) and torch.equal(split.y, images["y"])
    assert path.read_bytes() == before


def test_texts_come_with_their_lengths() -> None:
    texts, split = write(TEXTS), splits.load(TEXTS, "train")
    assert torch.equal(split.x, texts["x"]) and split.x.dtype == torch.int32
    assert split.lengths is not None
    assert torch.equal(split.lengths, (texts["x"] != 0).sum(dim=1))


def test_windows_and_horizons_are_those_of_numpy() -> None:
    series, split = write(SERIES)["x"].numpy(), splits.load(SERIES, "train")
    window, horizon, targets = SERIES.window, SERIES.horizon, SERIES.targets
    both = sliding_window_view(series, window + horizon, axis=0).transpose(0, 2, 1)
    assert len(split) == len(both) == SERIES.size("train")
    np.testing.assert_array_equal(split.x, both[:, :window])
    np.testing.assert_array_equal(split.y, both[:, window:, :targets])


@pytest.mark.parametrize("rows", [torch.tensor([5, 0, 100, 5]), slice(3, 9), slice(98, 101)])
def test_taken_windows_are_copies(rows: Tensor | slice) -> None:
    series, split = write(SERIES)["x"], splits.load(SERIES, "train")
    batch = split.take(rows)
    assert torch.equal(batch.x, split.x[rows]) and torch.equal(batch.y, split.y[rows])
    batch.x.zero_()
    batch.y.zero_()
    assert torch.equal(splits.windows(series, SERIES).x, split.x)


def test_windows_take_the_memory_of_the_series_not_of_their_overlaps() -> None:
    series = torch.randn(500, 3)
    facts = samples.series_spec(window=300, horizon=100, steps=500)
    split = splits.windows(series, facts)
    assert split.x.untyped_storage().data_ptr() == series.untyped_storage().data_ptr()
    assert split.y.untyped_storage().data_ptr() == series.untyped_storage().data_ptr()


def test_a_missing_split_names_the_stage_that_makes_it() -> None:
    write(IMAGES)
    paths.split("sample", "val").unlink()
    with pytest.raises(
        UserError, match=r"val.safetensors is missing: run `dvc repro preprocess@sample` first"
    ):
        splits.load(IMAGES, "val")


@pytest.mark.parametrize(("examples", "size"), [(1, 1), (64, 64), (65, 64), (9, 2), (5, 100)])
def test_parts_are_as_few_as_hold_all_examples(examples: int, size: int) -> None:
    count = splits.parts(examples, size)
    assert (count - 1) * size < examples <= count * size


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux to ask for resident memory")
@pytest.mark.parametrize("shuffled", [False, True])
def test_a_large_split_is_never_in_memory_whole(shuffled: bool) -> None:
    count, size = 50_000, 3 * 32 * 32
    large = {"x": torch.ones(count, 3, 32, 32, dtype=torch.uint8), "y": torch.zeros(count).long()}
    files.write_tensors(paths.split("sample", "train"), large)
    del large
    facts = samples.spec((3, 32, 32))
    split, generator = splits.load(facts, "train"), torch.Generator().manual_seed(0)
    order = torch.randperm(count, generator=generator) if shuffled else torch.arange(count)
    before, peak, total = resident(), 0, 0
    for rows in order.split(500):
        total += int(split.take(rows).x.sum())
        peak = max(peak, resident())
    assert total == count * size
    # What torch's threads and the allocator keep to themselves is a quarter of it, whatever the size.
    assert peak - before < count * size / 2


def test_a_large_split_that_is_cut_short_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    write(IMAGES)
    monkeypatch.setattr(splits, "_MAPPED", 0)
    split, path = splits.load(IMAGES, "train"), paths.split("sample", "train")
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size - 4096)
    with pytest.raises(UserError, match=r"train.safetensors is cut short"):
        split.take(torch.tensor([63]))
