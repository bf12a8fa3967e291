"""Numbers over an image as colours."""

import matplotlib
import numpy as np
import pytest

from stages.judging import heat


def colour(name: str, share: float) -> list[float]:
    return list(matplotlib.colormaps[name](share)[:3])


def test_heat_of_the_size_of_the_image_is_mixed_with_it_half_and_half() -> None:
    image = np.array([[[0, 255], [51, 0]]], np.uint8)
    found = heat.overlay(image, np.array([[0, 1], [2, 4]], np.float32))
    assert found.shape == (3, 2, 2)
    for place, (pixel, share) in {(0, 1): (1, 0.25), (1, 0): (0.2, 0.5), (1, 1): (0, 1.0)}.items():
        expected = [0.5 * pixel + 0.5 * part for part in colour("inferno", share)]
        np.testing.assert_allclose(found[:, *place], expected, rtol=1e-6)


def test_the_colours_of_an_image_stay_its_own() -> None:
    image = np.random.default_rng(0).integers(0, 256, (3, 4, 5)).astype(np.uint8)
    black = np.array(colour("inferno", 0.0))[:, None, None]
    np.testing.assert_allclose(heat.overlay(image, np.zeros((2, 2), np.float32)), (image / 255 + black) / 2)


def test_coarse_heat_grows_to_the_size_of_the_image_without_turning() -> None:
    found = heat.overlay(np.zeros((1, 8, 6), np.uint8), np.array([[0, 0], [1, 0]], np.float32))
    bright = found.sum(axis=0)
    assert found.shape == (3, 8, 6) and bright.argmax() in range(36, 48)
    assert bright[-1, 0] == bright.max() > bright[-1, -1] and bright[0, 0] < bright[-1, 0]


def test_what_is_for_is_red_what_is_against_blue_and_channels_add_up() -> None:
    parts = np.array([[[3, -1, 1]], [[1, -1, -1]]], np.float32)
    found = heat.signed(parts)
    for place, share in enumerate((1.0, 0.25, 0.5)):
        np.testing.assert_allclose(found[:, 0, place], colour("RdBu_r", share))
    assert found[0, 0, 0] > found[2, 0, 0] and found[2, 0, 1] > found[0, 0, 1]


def test_nothing_for_and_nothing_against_is_neither() -> None:
    found = heat.signed(np.zeros((1, 2, 2), np.float32))
    assert found.ravel().tolist() == pytest.approx(np.repeat(colour("RdBu_r", 0.5), 4).tolist())
