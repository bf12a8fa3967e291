"""From disk to networks: numpy written out is the referee."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from stages.core import inputs
from stages.core.spec import PAD, Spec
from stages.core.splits import Batch, Split
from tests import samples

CPU = torch.device("cpu")
KINDS = pytest.mark.parametrize("make", samples.KINDS.values(), ids=lambda make: make.__name__)


def by_hand(split: Split, spec: Spec) -> tuple[np.ndarray, np.ndarray]:
    """All examples as networks take them, texts padded as they lie."""
    x, y = split.x.numpy(), split.y.numpy()
    if spec.kind == "texts":
        return x, y
    mean, std = (np.array(values, np.float64) for values in (spec.mean, spec.std))
    if spec.kind == "images":
        return (x / 255 - mean[:, None, None]) / std[:, None, None], y
    return (x - mean) / std, (y - mean[: spec.targets]) / std[: spec.targets]


@KINDS
@pytest.mark.parametrize("size", [1, 5, 8, 63, 64, 1000])
def test_a_walk_gives_every_example_once_in_parts_of_nearly_equal_size(
    make: Callable[[], Spec], size: int
) -> None:
    spec = make()
    split = samples.split(spec)
    walked = list(inputs.walk(split, spec, device=CPU, size=size))
    assert torch.equal(torch.cat([rows for rows, _ in walked]).sort().values, torch.arange(len(split)))
    sizes = [len(rows) for rows, _ in walked]
    assert max(sizes) <= size and max(sizes) - min(sizes) <= 1
    assert len(sizes) == -(-len(split) // size)


@KINDS
def test_rows_of_a_walk_are_those_of_its_batch(make: Callable[[], Spec]) -> None:
    spec = make()
    split = samples.split(spec)
    x, y = by_hand(split, spec)
    for rows, batch in inputs.walk(split, spec, device=CPU, size=7):
        assert len(batch.x) == len(batch.y) == len(rows)
        expected = x[rows, : batch.x.shape[1]] if spec.kind == "texts" else x[rows]
        np.testing.assert_allclose(batch.x, expected, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(batch.y, y[rows], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("make", [samples.spec, samples.series_spec], ids=["images", "series"])
def test_what_is_not_padded_is_walked_as_it_lies(make: Callable[[], Spec]) -> None:
    split = samples.split(make())
    rows = torch.cat([rows for rows, _ in inputs.walk(split, make(), device=CPU, size=7)])
    assert torch.equal(rows, torch.arange(len(split)))


def test_texts_are_walked_by_their_length_so_that_hardly_any_padding_is_computed() -> None:
    spec = samples.texts_spec(time=60, each=100)
    split = samples.split(spec)
    assert split.lengths is not None
    batches = [batch for _, batch in inputs.walk(split, spec, device=CPU, size=20)]
    assert [batch.x.shape[1] for batch in batches] == sorted(batch.x.shape[1] for batch in batches)
    assert sum(batch.x.numel() for batch in batches) < 1.1 * int(split.lengths.sum())


@KINDS
def test_the_whole_is_what_a_walk_gives(make: Callable[[], Spec]) -> None:
    spec = make()
    split = samples.split(spec)
    arrays = inputs.whole(split, spec)
    for rows, batch in inputs.walk(split, spec, device=CPU, size=7):
        width = batch.x.shape[1] if spec.kind == "texts" else None
        np.testing.assert_array_equal(arrays.x[rows][:, :width], batch.x)
        np.testing.assert_array_equal(arrays.y[rows], batch.y)
        assert not arrays.x[rows][:, width:].any() or width is None


@KINDS
def test_the_whole_is_as_long_as_the_split_and_right(make: Callable[[], Spec]) -> None:
    spec = make()
    split = samples.split(spec)
    arrays, (x, y) = inputs.whole(split, spec), by_hand(split, spec)
    assert arrays.x.shape == (len(split), *spec.shape)
    np.testing.assert_allclose(arrays.x, x, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(arrays.y, y, rtol=1e-4, atol=1e-5)


def test_all_windows_at_once_take_the_memory_of_their_series() -> None:
    spec = samples.series_spec()
    arrays = inputs.whole(samples.split(spec), spec)
    assert np.shares_memory(arrays.x[0], arrays.x[1])
    assert arrays.x.strides[0] == arrays.x.strides[1]


def test_long_texts_are_answered_fewer_at_once() -> None:
    spec = samples.texts_spec()
    x = torch.ones(300, 400, dtype=torch.int32)
    split = Split(x, torch.zeros(300, dtype=torch.int64), torch.full((300,), 400, dtype=torch.int32))
    sizes = [len(rows) for rows, _ in inputs.walk(split, spec, device=CPU)]
    assert sum(sizes) == 300 and max(sizes) * 400 <= 2**13


def test_standardised_images_have_mean_zero_and_deviation_one() -> None:
    x = torch.randint(0, 256, (23, 3, 5, 7), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    shares = x.numpy() / 255
    mean, std = shares.mean(axis=(0, 2, 3)), shares.std(axis=(0, 2, 3))
    facts = samples.spec((3, 5, 7)).model_copy(update={"mean": tuple(mean), "std": tuple(std)})
    found = inputs.standardise(inputs.unit(x), facts)
    np.testing.assert_allclose(found.mean(dim=(0, 2, 3)), np.zeros(3), atol=1e-5)
    np.testing.assert_allclose(found.std(dim=(0, 2, 3), correction=0), np.ones(3), rtol=1e-5)


def test_only_images_are_varied_and_before_they_are_standardised() -> None:
    def black(images: Tensor) -> Tensor:
        assert images.min() >= 0 and images.max() <= 1
        return torch.zeros_like(images)

    for make in samples.KINDS.values():
        spec = make()
        raw = samples.split(spec).take(slice(0, 4))
        varied, plain = (inputs.ready(raw, spec, device=CPU, vary=vary) for vary in (black, None))
        if spec.kind == "images":
            assert torch.equal(varied.x, torch.full_like(varied.x, -0.5 / 0.25))
        else:
            assert torch.equal(varied.x, plain.x)


@pytest.mark.parametrize(
    ("texts", "left"),
    [
        ([[5, 3, 0, 0], [7, 0, 0, 0]], [[5, 3], [7, 0]]),
        ([[5, 3, 2, 9], [7, 0, 0, 0]], [[5, 3, 2, 9], [7, 0, 0, 0]]),
        ([[0, 0, 0], [0, 0, 0]], [[0], [0]]),
    ],
)
def test_padding_that_all_texts_share_is_cut_off(texts: list[list[int]], left: list[list[int]]) -> None:
    found = inputs.trimmed(torch.tensor(texts, dtype=torch.int32))
    assert found.tolist() == left
    assert found.dtype == torch.int64


def test_a_horizon_is_scaled_by_its_own_columns() -> None:
    spec = samples.series_spec(columns=3, targets=2)
    spec = spec.model_copy(update={"mean": (1.0, 20.0, 300.0), "std": (2.0, 5.0, 10.0)})
    raw = Batch(torch.tensor([[[3.0, 30.0, 290.0]]]), torch.tensor([[[1.0, 15.0]]]))
    ready = inputs.ready(raw, spec, device=CPU)
    assert ready.x.tolist() == [[[1.0, 2.0, -1.0]]]
    assert ready.y.tolist() == [[[0.0, -1.0]]]


def test_the_padding_of_a_text_is_no_word_of_its_own() -> None:
    split = samples.split(samples.texts_spec())
    assert split.lengths is not None
    assert torch.equal((split.x != PAD).sum(dim=1), split.lengths)
