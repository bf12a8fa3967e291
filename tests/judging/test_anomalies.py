"""What stands out, and how sure the area under its curve is."""

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.judging import anomalies
from stages.judging.restoration import measured
from stages.judging.verdict import Judged
from tests import samples

FACTS = samples.spec((1, 2, 2), classes=3).model_copy(update={"normal": ("class 0", "class 2")})


def judged(scores: NDArray[np.float64], y: NDArray[np.int64]) -> Judged:
    """Black images whose reconstructions have those errors."""
    outputs = np.sqrt(scores)[:, None, None, None] * np.ones((1, 1, 2, 2))
    x = np.zeros(outputs.shape, np.uint8)
    return measured(Judged(x, y, outputs.astype(np.float32)), x)


def find(val: NDArray[np.float64], test: NDArray[np.float64], **asked: float) -> anomalies.Found:
    labels = np.arange(len(test)) % 3
    sets = {"val": judged(val, np.zeros(len(val), int)), "test": judged(test, labels)}
    return anomalies.find(FACTS, sets, **{"false_alarms": 0.1} | asked)


def test_scores_are_the_errors_and_what_is_of_no_normal_class_is_anomalous() -> None:
    test = np.random.default_rng(0).random(9)
    found = find(test, test)
    np.testing.assert_allclose(found.scores, test, rtol=1e-6)
    np.testing.assert_array_equal(found.anomalous, [False, True, False] * 3)
    np.testing.assert_array_equal(found.sides["anomalous"], found.scores[1::3])
    assert sorted(np.concatenate([*found.sides.values()])) == sorted(found.scores)


@pytest.mark.parametrize("share", [0.01, 0.05, 0.3])
def test_only_so_many_validation_images_exceed_the_threshold(share: float) -> None:
    val = np.random.default_rng(0).exponential(size=2000)
    found = find(val, val, false_alarms=share)
    assert (val > found.threshold).mean() == pytest.approx(share, abs=1 / 2000)
    np.testing.assert_array_equal(found.alarms, found.scores > found.threshold)


def test_what_the_test_images_are_does_not_move_the_threshold() -> None:
    val, draw = np.random.default_rng(0).random(50), np.random.default_rng(1)
    assert find(val, draw.random(30)).threshold == find(val, 9 + draw.random(9)).threshold


def test_the_error_of_the_area_is_the_spread_of_areas_over_exponential_scores() -> None:
    draw, times, ratio = np.random.default_rng(0), 4000, 3.0
    above = draw.exponential(ratio, (times, 12, 1)) > draw.exponential(1.0, (times, 1, 20))
    areas = above.mean(axis=(1, 2))
    expected = anomalies.area_error(ratio / (1 + ratio), anomalous=12, normal=20)
    assert areas.mean() == pytest.approx(ratio / (1 + ratio), abs=0.01)
    assert areas.std() == pytest.approx(expected, rel=4 / (2 * times) ** 0.5)


def test_an_area_of_one_has_no_error() -> None:
    assert anomalies.area_error(1.0, anomalous=5, normal=9) == 0
