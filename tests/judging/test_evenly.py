"""Rows of some of many examples."""

import numpy as np
import pytest

from stages.judging import evenly


@pytest.mark.parametrize(("examples", "most"), [(1, 1), (7, 7), (5, 9)])
def test_where_there_are_no_more_all_are_taken(examples: int, most: int) -> None:
    assert evenly.rows(examples, most).tolist() == list(range(examples))


def test_of_many_the_first_is_taken_alone() -> None:
    assert evenly.rows(100, 1).tolist() == [0]


@pytest.mark.parametrize(("examples", "most"), [(100, 2), (101, 100), (4001, 2000), (64, 4), (1797, 360)])
def test_so_many_are_taken_as_far_apart_as_can_be_from_end_to_end(examples: int, most: int) -> None:
    taken = evenly.rows(examples, most)
    assert len(taken) == most and (taken[0], taken[-1]) == (0, examples - 1)
    gaps, step = np.diff(taken), (examples - 1) / (most - 1)
    assert gaps.min() >= max(1, np.floor(step)) and gaps.max() <= np.ceil(step)
