"""Facts of images against numpy."""

import numpy as np
import pytest

from stages.sourcing import statistics


def test_mean_and_deviation_are_those_of_numpy() -> None:
    x = np.random.default_rng(0).integers(0, 256, (2_345, 3, 6, 5), dtype=np.uint8)
    x[:, 1] //= 3
    mean, std = statistics.per_channel(x)
    np.testing.assert_allclose(mean, (x / 255).mean(axis=(0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(std, (x / 255).std(axis=(0, 2, 3)), rtol=1e-12)


def test_the_order_of_the_images_does_not_change_a_bit() -> None:
    x = np.random.default_rng(0).integers(0, 256, (3_000, 1, 4, 4), dtype=np.uint8)
    assert statistics.per_channel(x) == statistics.per_channel(x[::-1])


@pytest.mark.parametrize("grey", [0, 7, 255])
def test_a_channel_that_never_changes_may_be_divided_by(grey: int) -> None:
    mean, std = statistics.per_channel(np.full((9, 1, 3, 3), grey, np.uint8))
    assert mean == (pytest.approx(grey / 255),)
    assert std == (1.0,)
