"""Words guessed from counts between their neighbours: the formula, and what is never seen."""

from collections import Counter

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from stages.classical import witten_bell
from stages.core import masking
from stages.core.inputs import Arrays
from stages.core.spec import PAD, UNKNOWN
from stages.judging import subject
from tests import samples

SPEC = samples.texts_spec()
SIZE = len(SPEC.vocabulary)


def texts(*rows: list[int]) -> NDArray[np.int64]:
    x = np.full((len(rows), max(map(len, rows))), PAD)
    for row, words in zip(x, rows, strict=True):
        row[: len(words)] = words
    return x


def fitted(x: NDArray[np.int64], reach: int = 2) -> witten_bell.WittenBell:
    model = witten_bell.build(SPEC, reach=reach)
    model.fit(Arrays(x, np.zeros(len(x))), Arrays(x[:0], np.zeros(0)))
    return model


def gap(x: NDArray[np.int64], *places: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    hidden = np.zeros(x.shape, bool)
    hidden[np.arange(len(x)), places] = True
    return masking.hide(torch.from_numpy(x), torch.from_numpy(hidden), SPEC).numpy(), hidden


def chances(model: witten_bell.WittenBell, x: NDArray[np.int64], *places: int) -> NDArray[np.float64]:
    return np.exp(model.guess(*gap(x, *places)).astype(np.float64))


def test_without_any_like_it_a_context_leaves_the_guess_to_a_shorter_one() -> None:
    """Of 2 2 3 word 2 is seen twice, 3 once: (count + kinds / V) / (3 + kinds)."""
    model = fitted(texts([2, 2, 3]))
    alone = (np.bincount([2, 2, 3], minlength=SIZE) + 2 / SIZE) / 5
    assert chances(model, texts([7, 7, 7, 7, 7]), 2)[0] == pytest.approx(alone)


def test_chances_are_those_of_the_formula_neighbour_by_neighbour() -> None:
    random = np.random.RandomState(0)
    x = random.randint(2, 6, (30, 7))
    model, unseen = fitted(x), random.randint(2, 6, (20, 7))
    offsets = (-1, 1, -2, 2)

    def around(row: NDArray[np.int64], place: int, count: int) -> tuple[int, ...]:
        padded = np.pad(row, 2)
        return tuple(int(padded[place + 2 + offset]) for offset in offsets[:count])

    for row, place in zip(unseen, range(20), strict=True):
        expected = np.full(SIZE, 1 / SIZE)
        for count in range(5):
            context = around(row, place % 7, count)
            if count > 2 and context[-1] == context[-3] == PAD:
                continue  # the end of a text is told once
            found = Counter(int(one[at]) for one in x for at in range(7) if around(one, at, count) == context)
            if found:
                total = sum(found.values()) + len(found)
                seen = np.array([found[word] for word in range(SIZE)])
                expected = (seen + len(found) * expected) / total
        assert chances(model, row[None], place % 7)[0] == pytest.approx(expected, rel=1e-5)


def test_chances_add_up_and_none_is_zero_wherever_a_word_is_hidden() -> None:
    x = samples.split(SPEC).x.numpy()
    found = chances(fitted(x), x, *np.zeros(len(x), int))
    assert found.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (found > 0).all()


def test_what_always_stands_between_two_words_is_guessed_there() -> None:
    model = fitted(texts(*[[2, 5, 3]] * 9, *[[2, 6, 4]] * 9))
    found = chances(model, texts([2, 7, 3], [2, 7, 4]), 1, 1)
    assert found.argmax(axis=1).tolist() == [5, 6]
    assert found.max() > 0.8


def test_padding_changes_nothing_and_is_never_counted() -> None:
    x = texts([2, 3, 4], [5, 6])
    longer = np.pad(x, ((0, 0), (0, 4)))
    one, other = fitted(x), fitted(longer)
    np.testing.assert_array_equal(chances(one, x, 1, 1), chances(other, longer, 1, 1))
    assert one.parameters == other.parameters == 5 + 4 * 5


def test_the_end_of_a_text_is_told_once_however_far_the_reach() -> None:
    x = texts([2, 3], [4, 3], [4, 5])
    found = [chances(fitted(x, reach), x, 0, 0, 0) for reach in (2, 3, 40)]
    np.testing.assert_allclose(found[1], found[0])
    np.testing.assert_allclose(found[2], found[0])


def test_a_masked_neighbour_is_taken_for_no_other() -> None:
    """One number more would be that of the next context at the end of a text: between 2 and it stood 3."""
    model = fitted(texts(*[[2, 3]] * 9, *[[4, 5]] * 9))
    hidden = np.array([[True, True]])
    shown = masking.hide(torch.from_numpy(texts([4, 5])), torch.from_numpy(hidden), SPEC).numpy()
    first = np.exp(model.guess(shown, hidden)[0].astype(np.float64))
    assert first[2] == pytest.approx(first[4])
    assert first[[2, 4]].sum() > 0.8


def test_what_stands_for_no_word_is_never_counted() -> None:
    with_unknown, without = texts([2, UNKNOWN, 3]), texts([2, 3])
    assert chances(fitted(with_unknown, 1), texts([7, 7, 7]), 1)[0][UNKNOWN] == pytest.approx(2 / SIZE / 4)
    assert fitted(with_unknown, 1).parameters == fitted(without, 1).parameters


def test_many_words_are_guessed_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    x = samples.split(SPEC).x.numpy()
    model, places = fitted(x), np.zeros(len(x), int)
    whole = chances(model, x, *places)
    monkeypatch.setattr(witten_bell, "_AT_ONCE", 2 * SIZE)
    np.testing.assert_array_equal(chances(model, x, *places), whole)


def test_several_hidden_words_of_a_text_are_guessed_in_order() -> None:
    model, x = fitted(texts([2, 3, 4, 5])), texts([2, 3, 4, 5])
    hidden = np.array([[True, False, False, True]])
    shown = masking.hide(torch.from_numpy(x), torch.from_numpy(hidden), SPEC).numpy()
    assert model.guess(shown, hidden).argmax(axis=1).tolist() == [2, 5]


def test_a_task_may_ask_it_to_guess_and_nothing_else() -> None:
    assert set(subject.classical(witten_bell.build(SPEC))) == {"guess"}
