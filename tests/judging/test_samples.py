"""Samples: drawn in batches that each have a seed of their own, and shown unchosen."""

import re
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.core.errors import UserError
from stages.judging import samples as drawing
from tests import samples
from tests.watched import Terminal

FACTS = samples.spec((1, 5, 9))


class Asked:
    """What samples were asked for, and pixels for each that tell its seed."""

    def __init__(self, shape: tuple[int, ...] = FACTS.shape, value: float | None = None) -> None:
        self.calls: list[tuple[int, int, int]] = []
        self._shape, self._value = shape, value

    def sample(self, count: int, seed: int, *, steps: int = 1) -> NDArray[np.float32]:
        self.calls.append((count, seed, steps))
        pixels = np.random.default_rng(seed).uniform(size=(count, *self._shape)).astype(np.float32)
        if self._value is not None:
            pixels[-1, 0, 0, 0] = self._value
        return pixels


def draw(asked: Asked, count: int, *, seed: int = 0, **sampling: Any) -> NDArray[np.uint8]:
    subject = replace(samples.subject(FACTS, {"sample": asked.sample}), seed=seed)
    return drawing.draw(subject, count, sampling)


def test_a_batch_has_a_seed_of_its_own() -> None:
    asked = Asked()
    drawn = draw(asked, 600, steps=3)
    counts, seeds, steps = zip(*asked.calls, strict=True)
    assert (counts, set(steps), len(set(seeds))) == ((256, 256, 88), {3}, 3)
    assert all(0 <= seed < 2**32 for seed in seeds)
    assert (drawn.shape, drawn.dtype) == ((600, *FACTS.shape), np.uint8)
    expected = [np.random.default_rng(s).uniform(size=(n, *FACTS.shape)) for n, s, _ in asked.calls]
    np.testing.assert_array_equal(drawn, np.rint(255 * np.concatenate(expected).astype(np.float32)))


def test_samples_repeat_and_the_first_of_many_are_those_of_few() -> None:
    many, few = draw(Asked(), 300), draw(Asked(), 256)
    np.testing.assert_array_equal(many, draw(Asked(), 300))
    np.testing.assert_array_equal(many[:256], few)
    assert not np.array_equal(many[:44], many[256:])


def test_no_two_seeds_of_runs_share_the_seed_of_a_batch() -> None:
    asked = Asked()
    for seed in (0, 1, 2, 2**32 - 1):
        draw(asked, 3 * 256, seed=seed)
    assert len({seed for _, seed, _ in asked.calls}) == 12


@pytest.mark.parametrize(("value", "pixel"), [(0.0019, 0), (0.002, 1), (1.0, 255), (-0.1, 0), (1.2, 255)])
def test_pixels_are_rounded_to_bytes_and_cut_off_at_the_ends(value: float, pixel: int) -> None:
    assert draw(Asked(value=value), 3)[-1, 0, 0, 0] == pixel


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_not_finite_are_told(value: float) -> None:
    with pytest.raises(UserError, match=r"^run: samples must be finite, got 1 of 8 that are not$"):
        draw(Asked(value=value), 8)


def test_samples_of_another_shape_are_told() -> None:
    with pytest.raises(UserError) as caught:
        draw(Asked((1, 9, 5)), 4)
    assert str(caught.value) == "models.run: samples must be of shape (4, 1, 5, 9), got (4, 1, 9, 5)"


def test_no_bar_is_drawn_where_no_terminal_watches(capsys: pytest.CaptureFixture[str]) -> None:
    draw(Asked(), 4)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_is_shown_how_many_samples_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Asked):
        def sample(self, count: int, seed: int, *, steps: int = 1) -> NDArray[np.float32]:
            time.sleep(0.15)  # a bar is drawn anew ten times a second
            return super().sample(count, seed, steps=steps)

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    draw(Slow(), 600)
    assert re.search(r"run: .*0/600 \[.*run: .*256/600 \[.*sample", terminal.getvalue())


@pytest.mark.parametrize("shape", samples.SHAPES)
@pytest.mark.parametrize("count", [1, 37, 130])
def test_the_grid_shows_the_first_samples_in_order(shape: tuple[int, int, int], count: int) -> None:
    x = np.random.default_rng(0).integers(0, 255, (count, *shape), dtype=np.uint8)  # no pixel is white
    (axes,) = drawing.grid(x).axes
    shown = np.atleast_3d(np.asarray(axes.images[0].get_array()))
    height, width = shape[1:]
    gap = max(1, width // 14)
    side, seen = min(10, count), min(100, count)
    for place, image in enumerate(x[:seen]):
        top, left = place // side * (height + gap), place % side * (width + gap)
        cell = shown[top : top + height, left : left + width]
        np.testing.assert_array_equal(cell, np.moveaxis(image, 0, -1))
    assert (shown != 255).all(axis=2).sum() == seen * height * width


def test_the_suspects_are_the_nearest_first_each_above_its_train_image() -> None:
    draw = np.random.default_rng(0)
    x, nearest = (draw.integers(0, 256, (20, 1, 4, 4), dtype=np.uint8) for _ in range(2))
    distance = draw.permutation(20) / 20
    figure = drawing.suspects(x, nearest, distance)
    shown = [np.asarray(image.get_array()) for axes in figure.axes for image in axes.images]
    rows = np.argsort(distance)[:12]
    np.testing.assert_array_equal(shown, np.concatenate([x[rows, 0], nearest[rows, 0]]))
    lines = [text.get_text() for axes in figure.axes for text in axes.texts if text.get_text()]
    assert lines == [f"{distance[row]:.3f}" for row in rows]
