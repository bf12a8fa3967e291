"""Restored images, drawn."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from stages.judging import restored, stacked
from stages.judging.anomalies import Found
from stages.judging.verdict import Judged
from tests import samples
from tests.drawn import grey, images, lines

FACTS = samples.spec(classes=2).model_copy(update={"normal": ("class 0",)})


def test_the_first_of_each_class_comes_before_the_second_of_any() -> None:
    y = np.array([2, 2, 0, 1, 2, 0, 0, 2])
    assert restored.spread(y, 5).tolist() == [2, 3, 0, 5, 1]
    assert restored.spread(y, 2).tolist() == [2, 3]
    assert sorted(restored.spread(y, 99).tolist()) == list(range(8))


def judged(y: list[int]) -> Judged:
    x = np.stack([grey(10 * n) for n in range(len(y))])
    return Judged(x, np.array(y), (x / 255 / 2).astype(np.float32))


def test_a_pair_is_an_image_over_its_reconstruction_with_its_class_and_its_error() -> None:
    figure = restored.draw_pairs(FACTS, judged([1, 0]))
    first, second, *_ = images(figure)
    assert (first.flat[0], second.flat[0]) == (10, 0)
    assert lines(figure) == ["class 0", "class 1", f"{(10 / 255 / 2) ** 2:.4f}", "0.0000"]


def test_a_denoised_image_stands_between_what_was_seen_and_what_was_meant() -> None:
    test = judged([0])
    noisy = Judged(test.x + 7, test.y, np.full((1, 1, 8, 8), 0.2, np.float32))
    figure = restored.draw_denoised(FACTS, test, noisy)
    assert [image.flat[0] for image in images(figure)][::10] == [7, 51, 0]
    said = "1 of 1 test images: under noise, what was made of that, and without noise"
    assert figure.get_suptitle() == said


SCORES = np.array([0.9, 0.1, 0.3, 0.2, 0.5])
TEST = judged([1, 1, 0, 0, 0])
FOUND = Found(SCORES, TEST.y == 1, threshold=0.4)


def beginning(figure: Figure) -> list[list[int]]:
    """The levels of the first two images of each row."""
    levels = np.array([int(image.flat[0]) for image in images(figure)])
    found: list[list[int]] = levels.reshape(-1, stacked.COLUMNS)[:, :2].tolist()
    return found


@pytest.mark.parametrize("draw", [restored.draw_extremes, restored.draw_mistakes])
def test_what_is_said_of_few_images_stands_within_the_picture(draw: Callable[..., Figure]) -> None:
    figure = draw(FACTS, TEST, FOUND)
    figure.draw_without_rendering()
    titles = (figure.get_suptitle(), figure.axes[0].get_title(loc="left"))
    assert all(titles)
    said = [text for text in figure.findobj(Text) if text.get_text() in titles]
    assert max(text.get_window_extent().x1 for text in said) <= figure.bbox.x1


def test_extremes_are_the_highest_and_the_lowest_scores_with_what_is_wrong() -> None:
    figure = restored.draw_extremes(FACTS, TEST, FOUND)
    assert beginning(figure) == [[0, 40], [0, 20], [30, 10], [15, 5]]
    expected = ["class 1", "false alarm", "class 0", "0.9000", "0.5000"]
    assert lines(figure) == [*expected, "class 0", "missed", "class 1", "0.2000", "0.1000"]


def test_mistakes_are_normal_images_that_stand_out_and_anomalous_ones_that_do_not() -> None:
    figure = restored.draw_mistakes(FACTS, TEST, FOUND)
    assert [first for first, _ in beginning(figure)] == [40, 20, 10, 5]
    expected = ["false alarm", "class 0", "class 0", "0.5000", "0.3000"]
    assert lines(figure) == [*expected, "missed", "class 1", "class 1", "0.1000", "0.9000"]


def test_the_threshold_is_drawn_among_the_scores_though_it_lies_beyond_them() -> None:
    (axes,) = restored.draw_errors("Scores", FOUND.sides, threshold=2.0).axes
    (line,) = axes.lines
    assert set(line.get_xdata()) == {2.0} and axes.get_xlim() == (0, 2)
    assert len(restored.draw_errors("Errors", FOUND.sides).axes[0].lines) == 0
