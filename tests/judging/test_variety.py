"""Which classes samples are taken for."""

import numpy as np
import pytest
from scipy import stats

from stages.judging import variety


@pytest.mark.parametrize("counts", [[5, 5, 5], [9, 0, 1], [1, 2, 3, 4]])
def test_the_entropy_is_that_of_scipy_over_that_of_equal_shares(counts: list[int]) -> None:
    expected = stats.entropy(counts) / np.log(len(counts))
    assert variety.entropy(np.array(counts)) == pytest.approx(expected)


def test_the_entropy_of_one_class_of_many_is_0_and_that_of_a_single_one_undefined() -> None:
    assert variety.entropy(np.array([0, 7, 0])) == 0
    assert variety.entropy(np.array([7])) is None
