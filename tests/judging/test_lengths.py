"""Accuracy by the length of a text."""

import numpy as np
import pytest

from stages.judging import lengths


def texts(words: list[int]) -> np.ndarray:
    x = np.zeros((len(words), max(words)), np.int32)
    for row, count in zip(x, words, strict=True):
        row[:count] = 2
    return x


def test_bins_hold_equal_shares_of_the_texts() -> None:
    right = np.arange(80) % 2 == 0
    found = list(lengths.bins(texts(list(range(1, 81))), right))
    assert [count for _, count, _ in found] == [10] * lengths.BINS
    assert [words for words, _, _ in found] == pytest.approx([5.5 + 10 * n for n in range(lengths.BINS)])
    assert [hits for _, _, hits in found] == [5] * lengths.BINS


def test_texts_of_one_length_are_one_bin() -> None:
    assert list(lengths.bins(texts([7] * 5), np.array([True, True, False, True, False]))) == [(7.0, 5, 3)]


def test_every_text_is_in_a_bin() -> None:
    words = np.random.default_rng(0).integers(1, 40, size=300).tolist()
    right = np.arange(300) % 3 == 0
    found = list(lengths.bins(texts(words), right))
    assert sum(count for _, count, _ in found) == 300
    assert sum(hits for _, _, hits in found) == right.sum()
    assert sum(mean * count for mean, count, _ in found) == pytest.approx(sum(words))


def test_the_picture_has_a_point_for_each_bin() -> None:
    x = texts(list(range(1, 81)))
    (axes,) = lengths.draw(x, np.arange(80) % 2 == 0, "words").axes
    assert len(axes.containers) == lengths.BINS
