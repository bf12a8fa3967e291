"""Stratified cuts against scikit-learn."""

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from stages.sourcing import stratified

# Classes of one size, of which chance picks those that give one more, and of very different ones.
COUNTS = [(101, 57, 23), (7, 7, 7), (3, 48), (40, 0, 2), (500,), (8,) * 12, (11, 12, 13, 14, 990)]


def classes(counts: tuple[int, ...], *, seed: int = 0) -> stratified.Rows:
    return np.random.RandomState(seed).permutation(np.repeat(np.arange(len(counts)), counts))


@pytest.mark.parametrize("counts", COUNTS, ids=str)
@pytest.mark.parametrize("share", [0.15, 0.25, 0.5, 0.7])
def test_the_sides_are_those_of_scikit_learn_and_so_are_those_of_the_next_cut(
    counts: tuple[int, ...], share: float
) -> None:
    compared = 0
    for seed in range(5):
        y = classes(counts, seed=seed)
        ours, theirs = np.random.RandomState(seed), np.random.RandomState(seed)
        rest = np.arange(len(y))
        for part in (share, share / 3):
            size = round(part * len(rest))
            try:
                sides = train_test_split(rest, test_size=size, stratify=y[rest], random_state=theirs)
            except ValueError:  # too few of a class, or in all
                break
            found = stratified.cut(rest, y, size, ours)
            for side, wanted in zip(found, sides, strict=True):
                np.testing.assert_array_equal(side, np.sort(wanted))
            rest, compared = found[0], compared + 1
    assert compared


@pytest.mark.parametrize("counts", [(1, 1), (5, 1, 30), (2, 0, 2)], ids=str)
@pytest.mark.parametrize("size", [0, 1, 2])
def test_rows_are_on_one_side_each_even_where_a_class_is_too_small(
    counts: tuple[int, ...], size: int
) -> None:
    rest, held = stratified.cut(np.arange(sum(counts)), classes(counts), size, np.random.RandomState(0))
    assert len(held) == size
    assert sorted([*rest, *held]) == list(range(sum(counts)))


def test_of_no_rows_none_are_cut() -> None:
    nothing = np.arange(0)
    rest, held = stratified.cut(nothing, classes((3, 3)), 0, np.random.RandomState(0))
    assert (len(rest), len(held)) == (0, 0)
