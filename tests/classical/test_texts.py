"""Classical methods on texts: naive Bayes and NBSVM."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB

from stages.classical import naive_bayes, nbsvm
from stages.core.inputs import Arrays
from stages.core.spec import Texts

WORDS = 12


def facts(classes: int = 2) -> Texts:
    return Texts(
        dataset="sample",
        source="sample",
        shape=(9,),
        sha256={},
        classes=tuple(f"class {k}" for k in range(classes)),
        counts={"train": (60,) * classes},
        vocabulary=("<pad>", "<unk>", *(f"word{n}" for n in range(WORDS - 2))),
        lower=True,
        punctuation=False,
        words=r"\w+",
        cut={},
        unknown={},
        repeated={},
        empty=0,
    )


def texts(classes: int = 2, *, seed: int = 0) -> Arrays:
    """Texts of 4 to 9 words; in each a word of its class stands first."""
    random = np.random.RandomState(seed)
    y = np.arange(60 * classes) % classes
    x = random.randint(1, WORDS - classes, (len(y), 9))
    x[np.arange(9) >= random.randint(4, 10, len(y))[:, None]] = 0
    x[:, 0] = WORDS - 1 - y
    return Arrays(x, y)


def counts(x: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.stack([np.bincount(row, minlength=WORDS)[1:] for row in x])


@pytest.mark.parametrize("method", [naive_bayes, nbsvm])
@pytest.mark.parametrize("classes", [2, 3])
def test_words_that_tell_the_class_are_learnt(method: object, classes: int) -> None:
    model = method.build(facts(classes))  # type: ignore[attr-defined]
    model.fit(texts(classes), texts(classes, seed=1))
    unseen = texts(classes, seed=2)
    outputs = model.answer(unseen.x)
    assert outputs.shape == (len(unseen.y), classes)
    assert (outputs.argmax(axis=1) == unseen.y).mean() > 0.95


@pytest.mark.parametrize("method", [naive_bayes, nbsvm])
def test_padding_is_no_word(method: object) -> None:
    model = method.build(facts())  # type: ignore[attr-defined]
    model.fit(texts(), texts())
    x = texts(seed=3).x
    np.testing.assert_array_equal(model.answer(x), model.answer(np.pad(x, ((0, 0), (0, 5)))))


def test_naive_bayes_on_words_is_that_of_scikit_learn() -> None:
    train, unseen = texts(), texts(seed=1)
    model = naive_bayes.build(facts(), longest=1, smoothing=0.5)
    model.fit(train, unseen)
    theirs = MultinomialNB(alpha=0.5).fit(counts(train.x), train.y)
    ours = model.answer(unseen.x)
    expected = theirs.predict_joint_log_proba(counts(unseen.x))
    np.testing.assert_allclose(ours, expected, atol=1e-6)
    assert model.parameters == 2 * (WORDS - 1) + 2


def test_nbsvm_lies_between_naive_bayes_and_a_regression_on_its_log_ratios() -> None:
    train, unseen = texts(), texts(seed=1)
    model = nbsvm.build(facts(), longest=1, inverse_penalty=2.0, interpolation=0.3)
    model.fit(train, unseen)
    seen = counts(train.x) > 0
    p, q = (1 + seen[train.y == k].sum(axis=0) for k in (1, 0))
    weights = np.log((p / p.sum()) / (q / q.sum()))
    theirs = LogisticRegression(C=2.0, solver="liblinear", dual=True, random_state=0)
    theirs.fit(seen * weights, train.y)
    mixed = 0.3 * theirs.coef_[0] + 0.7 * np.abs(theirs.coef_).mean()
    expected = (counts(unseen.x) > 0) @ (weights * mixed) + theirs.intercept_
    outputs = model.answer(unseen.x)
    np.testing.assert_allclose(outputs[:, 1] - outputs[:, 0], expected, atol=0.05)


@pytest.mark.parametrize("method", [naive_bayes, nbsvm])
def test_runs_of_two_words_tell_what_words_alone_cannot_and_are_counted_unless_told(method: object) -> None:
    """The class is whether word 2 stands before word 3 or behind it."""
    y = np.arange(80) % 2
    random = np.random.RandomState(0)
    x = random.randint(4, WORDS, (80, 9))
    x[:, 3:5] = np.where(y[:, None] == 0, [2, 3], [3, 2])
    accuracy = []
    for told in ({"longest": 1}, {}):
        model = method.build(facts(), **told)  # type: ignore[attr-defined]
        model.fit(Arrays(x[:40], y[:40]), Arrays(x[:40], y[:40]))
        accuracy.append((model.answer(x[40:]).argmax(axis=1) == y[40:]).mean())
    assert accuracy[0] < 0.75 < 0.95 < accuracy[1]
