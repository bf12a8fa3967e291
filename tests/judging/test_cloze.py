"""Cloze tests: the same word of each text is hidden from everyone, and nobody is told which it was."""

from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

from stages.core import masking
from stages.core.spec import PAD, UNKNOWN
from stages.judging import cloze, words
from stages.judging.verdict import Judged
from tests import samples

FACTS = samples.texts_spec()
WORDS = len(FACTS.vocabulary)
SPLIT = samples.split(FACTS)


class Spy:
    """Remembers what it is shown; its guess is sure of the word before the gap, or of the first of all."""

    def __init__(self) -> None:
        self.seen: list[NDArray[np.int64]] = []

    def guess(self, x: torch.Tensor, hidden: torch.Tensor) -> NDArray[np.float32]:
        self.seen += [row[row != PAD].numpy() for row in x]
        assert (hidden.sum(dim=1) == 1).all()
        assert (x[hidden] == masking.mask(FACTS)).all()
        before = x.roll(1, dims=1)[hidden].clamp(max=WORDS - 1)
        return np.eye(WORDS, dtype=np.float32)[before.numpy()]


def asked(texts: int = 1000) -> tuple[Spy, Judged]:
    spy = Spy()
    subject = samples.subject(FACTS, {"guess": spy.guess})
    return spy, cloze.over(subject, FACTS, SPLIT, texts=texts)


def test_one_word_of_each_text_is_hidden_and_the_rest_is_shown() -> None:
    spy, judged = asked()
    assert len(judged.y) == len(SPLIT) and judged.outputs.shape == (len(SPLIT), WORDS)
    np.testing.assert_array_equal(judged.x, SPLIT.x)
    place = judged.beside["place"]
    np.testing.assert_array_equal(judged.x[np.arange(len(place)), place], judged.y)
    shown = judged.x.copy()
    shown[np.arange(len(place)), place] = masking.mask(FACTS)
    assert sorted(map(tuple, spy.seen)) == sorted(tuple(row[row != PAD]) for row in shown)


def test_answers_are_put_where_their_texts_stand() -> None:
    _, judged = asked()
    rows = np.flatnonzero(judged.beside["place"] > 0)
    before = judged.x[rows, judged.beside["place"][rows] - 1]
    np.testing.assert_array_equal(judged.outputs[rows].argmax(axis=1), before)


def test_everyone_is_asked_for_the_same_words() -> None:
    np.testing.assert_array_equal(asked()[1].beside["place"], asked()[1].beside["place"])


def test_of_many_texts_some_are_asked_evenly_spread() -> None:
    _, judged = asked(4)
    np.testing.assert_array_equal(judged.x, SPLIT.x[torch.tensor([0, 21, 42, 63])])


def test_words_are_counted_without_padding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    samples.write(FACTS)
    counts, x = cloze.counts(FACTS), SPLIT.x.numpy()
    assert counts.tolist() == [0] + [int((x == word).sum()) for word in range(1, WORDS)]


def test_a_unigram_counts_every_word_once_more_than_it_was_seen() -> None:
    np.testing.assert_allclose(np.exp(cloze.unigram(np.array([0, 3, 1]))), [1 / 7, 4 / 7, 2 / 7])


def test_a_rank_counts_the_words_that_are_held_as_likely() -> None:
    logits = np.array([[0.1, 0.5, 0.3], [0.2, 0.2, 0.2], [3.0, 1.0, 2.0]])
    assert cloze.ranks(logits, np.array([1, 0, 1])).tolist() == [1, 3, 3]


def test_common_words_are_set_apart_from_rare_ones() -> None:
    seen, right = np.repeat([1, 10, 100], 20), np.repeat([False, True, True], 20)
    assert list(cloze.commonness(seen, right)) == [(1.0, 0.0), (10.0, 1.0), (100.0, 1.0)]


def written(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_the_picture_shows_gaps_and_the_likeliest_words_and_never_the_word_in_its_place() -> None:
    x = np.array([[2, 3, 4, PAD], [UNKNOWN, 5, 6, 7]])
    outputs = np.zeros((2, WORDS), np.float32)
    outputs[0, [8, 9, 10]] = 3, 2, 1
    said = written(cloze.draw(FACTS, Judged(x, np.array([3, 7]), outputs, {"place": np.array([1, 3])})))
    texts = words.read(x[0], FACTS), words.read(x[1], FACTS)
    assert said.count("_____") == 2
    assert {f"true: {texts[0][1]}", f"true: {texts[1][3]}", texts[0][0], texts[1][0]} <= set(said)
    assert texts[0][1] not in said and texts[1][3] not in said
    first = [line.partition(",")[0] for line in said if "%" in line][:3]
    assert first == [FACTS.vocabulary[word] for word in (8, 9, 10)]
