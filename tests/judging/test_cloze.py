"""Cloze tests: the same word of each text is hidden from everyone, and nobody is told which it was."""

from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.special import log_softmax

from stages.core import files, masking, paths
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
    assert len(judged.y) == len(SPLIT) and judged.outputs.shape == (len(SPLIT),)
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
    np.testing.assert_array_equal(judged.beside["chosen"][rows], before)


def test_everyone_is_asked_for_the_same_words() -> None:
    np.testing.assert_array_equal(asked()[1].beside["place"], asked()[1].beside["place"])


def test_of_many_texts_some_are_asked_evenly_spread() -> None:
    _, judged = asked(4)
    np.testing.assert_array_equal(judged.x, SPLIT.x[torch.tensor([0, 21, 42, 63])])


def test_one_text_alone_is_asked_as_many_are() -> None:
    _, judged = asked(1)
    assert judged.outputs.shape == judged.y.shape == (1,)


def test_what_is_kept_of_a_guess_is_what_its_whole_row_says() -> None:
    logits = np.random.default_rng(0).normal(size=(7, 9)).astype(np.float32)
    y = np.array([0, 3, 8, 1, 1, 4, 2])
    found, logs = cloze.told(logits, y), log_softmax(logits.astype(float), axis=1)
    falling = np.argsort(-logits, axis=1)
    np.testing.assert_allclose(found["outputs"], logs[np.arange(7), y], rtol=1e-6)
    np.testing.assert_array_equal(found["rank"], (falling == y[:, None]).argmax(axis=1) + 1)
    np.testing.assert_array_equal(found["chosen"], falling[:, 0])
    np.testing.assert_array_equal(found["first"], falling[:, :3])
    np.testing.assert_allclose(found["chances"], np.exp(np.take_along_axis(logs, falling[:, :3], axis=1)))


def test_no_row_over_the_vocabulary_is_kept() -> None:
    _, judged = asked()
    assert all(said.size <= 3 * len(SPLIT) for said in (judged.outputs, *judged.beside.values()))


def test_a_guess_that_is_no_number_is_none() -> None:
    logits = np.array([[np.nan, 1, 2], [np.inf, 1, 2], [0, 1, 2]], np.float32)
    assert np.isfinite(cloze.told(logits, np.array([1, 0, 2]))["outputs"]).tolist() == [False, False, True]


def test_words_are_counted_where_they_may_be_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    facts = FACTS.model_copy(update={"special": (PAD, UNKNOWN, 2)})
    samples.write(facts)
    x = torch.tensor([[2, 5, UNKNOWN, 6, PAD], [2, 6, 6, PAD, PAD], [2, UNKNOWN, PAD, PAD, PAD]])
    files.write_tensors(paths.split(facts.dataset, "train"), {"x": x.int(), "y": torch.zeros(3).long()})
    found = cloze.counts(facts)
    assert {word: int(found[word]) for word in np.flatnonzero(found)} == {UNKNOWN: 1, 2: 1, 5: 1, 6: 3}
    assert len(found) == WORDS


def test_by_counts_a_word_is_as_likely_as_it_was_seen_and_once_more() -> None:
    y = np.array([0, 1, 2, 3])
    said = cloze.by_counts(Judged(y[:, None], y, np.zeros(4, np.float32)), np.array([0, 3, 1, 1]))
    np.testing.assert_allclose(np.exp(said.outputs), [1 / 9, 4 / 9, 2 / 9, 2 / 9])
    assert said.beside["rank"].tolist() == [4, 1, 3, 3]
    assert said.right.tolist() == [False, True, False, False]


def test_a_rank_counts_the_words_that_are_held_as_likely() -> None:
    logits = np.array([[0.1, 0.5, 0.3], [0.2, 0.2, 0.2], [3.0, 1.0, 2.0]])
    assert cloze.told(logits, np.array([1, 0, 1]))["rank"].tolist() == [1, 3, 3]


def test_common_words_are_set_apart_from_rare_ones() -> None:
    seen, right = np.repeat([1, 10, 100], 20), np.repeat([False, True, True], 20)
    assert list(cloze.commonness(seen, right)) == [(1.0, 0.0), (10.0, 1.0), (100.0, 1.0)]


def written(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_the_picture_shows_gaps_and_the_likeliest_words_and_never_the_word_in_its_place() -> None:
    x = np.array([[2, 3, 4, PAD], [UNKNOWN, 5, 6, 7]])
    logits, y = np.zeros((2, WORDS), np.float32), np.array([3, 7])
    logits[0, [8, 9, 10]] = 3, 2, 1
    beside = cloze.told(logits, y) | {"place": np.array([1, 3])}
    said = written(cloze.draw(FACTS, Judged(x, y, beside.pop("outputs"), beside)))
    texts = words.read(x[0], FACTS), words.read(x[1], FACTS)
    assert said.count("_____") == 2
    assert {f"true: {texts[0][1]}", f"true: {texts[1][3]}", texts[0][0], texts[1][0]} <= set(said)
    assert texts[0][1] not in said and texts[1][3] not in said
    first = [line.partition(",")[0] for line in said if "%" in line][:3]
    assert first == [FACTS.vocabulary[word] for word in (8, 9, 10)]
