"""The nearest train images, against scikit-learn's."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from stages.core.splits import Split
from stages.judging import neighbours
from tests import samples

CPU = torch.device("cpu")


def images(count: int, shape: tuple[int, ...], *, seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype=np.uint8)


def split(x: NDArray[np.uint8]) -> Split:
    return Split(torch.from_numpy(x), torch.zeros(len(x), dtype=torch.int64))


@pytest.mark.parametrize("shape", samples.SHAPES)
@pytest.mark.parametrize("at_once", [None, (5, 7)])
def test_the_nearest_of_all_is_that_of_scikit_learn(
    shape: tuple[int, ...], at_once: tuple[int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if at_once:
        monkeypatch.setattr(neighbours, "_ASKED", at_once[0])
        monkeypatch.setattr(neighbours, "_SEEN", at_once[1])
    train, x = images(50, shape, seed=0), images(23, shape, seed=1)
    found = neighbours.search(x, split(train), device=CPU)
    flat = (train.reshape(50, -1) / 255, x.reshape(23, -1) / 255)
    distances, rows = NearestNeighbors(n_neighbors=1).fit(flat[0]).kneighbors(flat[1])
    np.testing.assert_array_equal(found.nearest, train[rows[:, 0]])
    np.testing.assert_allclose(found.distance, distances[:, 0] / np.sqrt(np.prod(shape)), rtol=1e-9)


def test_a_copy_is_found_at_distance_0_and_a_pixel_beside_it_at_its_own() -> None:
    train = images(30, (3, 32, 32), seed=0)
    x = train[[7, 29]].copy()
    x[1, 0, 0, 0] ^= 1
    found = neighbours.search(x, split(train), device=CPU)
    np.testing.assert_array_equal(found.nearest, train[[7, 29]])
    assert found.distance == pytest.approx([0, np.sqrt(1 / (3 * 32 * 32)) / 255])
    assert found.distance[0] == 0


def test_black_and_white_are_1_apart() -> None:
    black = np.zeros((2, 1, 8, 8), np.uint8)
    found = neighbours.search(255 - black, split(black), device=CPU)
    np.testing.assert_array_equal(found.distance, [1, 1])
