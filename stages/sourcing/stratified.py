"""Cutting rows in two, so that every class gives its share to either side.

The draws are those of scikit-learn's `train_test_split`, whose import takes longer than most splits.
"""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


def cut(rows: Rows, y: Rows, size: int, random: np.random.RandomState) -> tuple[Rows, Rows]:
    """The rows without `size` of them, and these, in their order; `y` are the classes of all there are."""
    _, counts = np.unique(y[rows], return_counts=True)
    left = _shares(counts, len(rows) - size, random)
    held = _shares(counts - left, size, random)
    by_class = np.split(rows[np.argsort(y[rows], kind="stable")], np.cumsum(counts))[:-1]
    shuffled = [random.permutation(each) for each in by_class]
    sides = (
        [each[:some] for each, some in zip(shuffled, left, strict=True)],
        [each[len(each) - some :] for each, some in zip(shuffled, held, strict=True)],
    )
    # Shuffled again only for what is drawn next: that, too, is then what scikit-learn draws.
    rest, taken = (random.permutation(np.concatenate([rows[:0], *side])) for side in sides)
    return np.sort(rest), np.sort(taken)


def _shares(counts: Rows, size: int, random: np.random.RandomState) -> Rows:
    """How many of each class make up `size`: whole shares, and one more where most was cut off."""
    exact = counts / max(1, counts.sum()) * size
    whole: Rows = np.floor(exact).astype(np.int64)
    cut_off = exact - whole
    for most in sorted({*cut_off.tolist()}, reverse=True):  # np.unique imports numpy.ma
        if missing := size - whole.sum():
            (alike,) = np.nonzero(cut_off == most)
            whole[random.choice(alike, min(len(alike), missing), replace=False)] += 1
    return whole
