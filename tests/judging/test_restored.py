"""Restored images, drawn."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from stages.judging import restored
from stages.judging.anomalies import Found
from stages.judging.restored import Stack
from stages.judging.verdict import Judged
from tests import samples

FACTS = samples.spec(classes=2).model_copy(update={"normal": ("class 0",)})


def seen(figure: Figure) -> list[NDArray[Any]]:
    return [np.asarray(image.get_array()) for axes in figure.axes for image in axes.images]


def lines(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts if text.get_text()]


def grey(level: int) -> NDArray[np.uint8]:
    return np.full((1, 8, 8), level, np.uint8)


def test_the_first_of_each_class_comes_before_the_second_of_any() -> None:
    y = np.array([2, 2, 0, 1, 2, 0, 0, 2])
    assert restored.spread(y, 5).tolist() == [2, 3, 0, 5, 1]
    assert restored.spread(y, 2).tolist() == [2, 3]
    assert sorted(restored.spread(y, 99).tolist()) == list(range(8))


def test_stacks_stand_side_by_side_and_a_short_row_is_filled_up_with_white() -> None:
    stacks = [Stack((grey(k), grey(100 + k)), (f"a{k}", f"b{k}"), above=f"c{k}") for k in range(3)]
    figure = restored.draw("title", stacks, columns=2)
    levels = [int(image.flat[0]) for image in seen(figure)]
    assert levels == [0, 1, 100, 101, 2, 255, 102, 255]
    assert lines(figure) == ["c0", "a0", "c1", "a1", "b0", "b1", "c2", "a2", "b2"]


def test_pixels_between_0_and_1_are_drawn_as_bytes_are() -> None:
    image = np.array([-0.5, 0, 0.5, 1, 1.5], np.float32).reshape(1, 1, 5)
    (drawn,) = seen(restored.draw("title", [Stack((image,), ("",))], columns=1))
    assert drawn.tolist() == [[0, 0, 128, 255, 255]]


def test_colours_are_drawn_as_colours() -> None:
    image = np.random.default_rng(0).random((3, 8, 8)).astype(np.float32)
    (drawn,) = seen(restored.draw("title", [Stack((image,), ("",))], columns=1))
    np.testing.assert_array_equal(drawn, np.rint(255 * image.transpose(1, 2, 0)))


def judged(y: list[int]) -> Judged:
    x = np.stack([grey(10 * n) for n in range(len(y))])
    return Judged(x, np.array(y), (x / 255 / 2).astype(np.float32))


def test_a_pair_is_an_image_over_its_reconstruction_with_its_class_and_its_error() -> None:
    figure = restored.draw_pairs(FACTS, judged([1, 0]))
    first, second, *_ = seen(figure)
    assert (first.flat[0], second.flat[0]) == (10, 0)
    assert lines(figure) == ["class 0", "class 1", f"{(10 / 255 / 2) ** 2:.4f}", "0.0000"]


def test_a_denoised_image_stands_between_what_was_seen_and_what_was_meant() -> None:
    test = judged([0])
    noisy = Judged(test.x + 7, test.y, np.full((1, 1, 8, 8), 0.2, np.float32))
    figure = restored.draw_denoised(FACTS, test, noisy)
    assert [image.flat[0] for image in seen(figure)][::10] == [7, 51, 0]


SCORES = np.array([0.9, 0.1, 0.3, 0.2, 0.5])
TEST = judged([1, 1, 0, 0, 0])
FOUND = Found(SCORES, TEST.y == 1, threshold=0.4)


def test_extremes_are_the_highest_and_the_lowest_scores_with_what_is_wrong() -> None:
    figure = restored.draw_extremes(FACTS, TEST, FOUND)
    assert [int(image.flat[0]) for image in seen(figure)][:2] == [0, 40]
    expected = ["class 1", "false alarm", "class 0", "0.9000", "0.5000"]
    assert lines(figure) == [*expected, "class 0", "missed", "class 1", "0.2000", "0.1000"]


def test_mistakes_are_normal_images_that_stand_out_and_anomalous_ones_that_do_not() -> None:
    figure = restored.draw_mistakes(FACTS, TEST, FOUND)
    assert [int(image.flat[0]) for image in seen(figure)][::2] == [40, 20, 10, 5]
    expected = ["false alarm", "class 0", "class 0", "0.5000", "0.3000"]
    assert lines(figure) == [*expected, "missed", "class 1", "class 1", "0.1000", "0.9000"]


def test_the_threshold_is_drawn_among_the_scores_though_it_lies_beyond_them() -> None:
    (axes,) = restored.draw_errors("Scores", FOUND.sides, threshold=2.0).axes
    (line,) = axes.lines
    assert set(line.get_xdata()) == {2.0} and axes.get_xlim() == (0, 2)
    assert len(restored.draw_errors("Errors", FOUND.sides).axes[0].lines) == 0
