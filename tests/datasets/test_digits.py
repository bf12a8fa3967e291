"""The digits that scikit-learn brings along."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from stages.datasets import digits
from stages.sourcing.examples import Examples


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Examples:
    folder = tmp_path_factory.mktemp("digits")
    digits.fetch(folder)
    return digits.prepare(folder)


def test_images_are_the_original_ones_spread_over_all_greys(examples: Examples) -> None:
    x = examples.train.x
    assert (x.dtype, x.shape, x.min(), x.max()) == (np.uint8, (1797, 1, 8, 8), 0, 255)
    np.testing.assert_array_equal(np.rint(x[:, 0] / 255 * 16), load_digits().images)


def test_the_steps_that_are_told_give_the_same_pixels(examples: Examples) -> None:
    known = {"np": np, "greys": load_digits().images}
    exec("\n".join(examples.reading["steps"]), known)
    np.testing.assert_array_equal(known["pixels"], examples.train.x[:, 0])


def test_labels_are_the_original_ones_by_the_name_of_their_class(examples: Examples) -> None:
    assert examples.train.y.dtype == np.int64
    assert [int(examples.classes[y]) for y in examples.train.y] == load_digits().target.tolist()


def test_no_image_stands_there_twice(examples: Examples) -> None:
    assert len(np.unique(examples.train.x.reshape(1797, -1), axis=0)) == 1797


def test_what_is_fetched_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        digits.fetch(tmp_path / name)
    (one,), (two,) = ((tmp_path / name).iterdir() for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
