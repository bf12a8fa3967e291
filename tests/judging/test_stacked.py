"""Images in stacks."""

import numpy as np

from stages.judging import stacked
from stages.judging.stacked import Stack
from tests.drawn import grey, images, lines


def test_stacks_stand_side_by_side_and_a_short_row_is_filled_up_with_white() -> None:
    stacks = [Stack((grey(k), grey(100 + k)), (f"a{k}", f"b{k}"), above=f"c{k}") for k in range(3)]
    figure = stacked.draw("title", stacks, columns=2)
    levels = np.array([int(image.flat[0]) for image in images(figure)]).reshape(4, stacked.COLUMNS)
    assert levels[:, :2].tolist() == [[0, 1], [100, 101], [2, 255], [102, 255]]
    assert (levels[:, 2:] == 255).all()
    assert lines(figure) == ["c0", "a0", "c1", "a1", "b0", "b1", "c2", "a2", "b2"]


def test_pixels_between_0_and_1_are_drawn_as_bytes_are() -> None:
    image = np.array([-0.5, 0, 0.5, 1, 1.5], np.float32).reshape(1, 1, 5)
    drawn, *_ = images(stacked.draw("title", [Stack((image,), ("",))]))
    assert drawn.tolist() == [[0, 0, 128, 255, 255]]


def test_colours_are_drawn_as_colours() -> None:
    image = np.random.default_rng(0).random((3, 8, 8)).astype(np.float32)
    drawn, *_ = images(stacked.draw("title", [Stack((image,), ("",))]))
    np.testing.assert_array_equal(drawn, np.rint(255 * image.transpose(1, 2, 0)))
