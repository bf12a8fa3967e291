"""The generated reviews: their balance, and how far counting words and reading them in order get."""

import re
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from stages import baseline, download, evaluate, preprocess, train
from stages.core import folders
from stages.datasets import reviews
from stages.sourcing import grammar, tokens
from stages.sourcing.examples import Examples
from tests import project, samples

TRAIN = 4000
OPINIONS = {
    word: opinion
    for pair in grammar.OPINIONS.values()
    for opinion, words in enumerate(pair)
    for word in words.split(", ")
}


def generate(folder: Path, **options: int) -> Examples:
    with folders.filling(folder) as filled:
        reviews.fetch(filled, **options)
    return reviews.prepare(folder)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Examples:
    return generate(tmp_path_factory.mktemp("reviews") / "raw")


def words(text: str) -> list[str]:
    return tokens.words(text, lower=True, punctuation=False)


def counted(examples: Examples, n: int) -> float:
    """The accuracy of logistic regression on runs of up to n words."""
    x, y = examples.train
    model = make_pipeline(
        CountVectorizer(ngram_range=(1, n)), LogisticRegression(C=0.1, max_iter=1000, solver="liblinear")
    )
    return float(model.fit(x[:TRAIN], y[:TRAIN]).score(x[TRAIN:], y[TRAIN:]))


def understood(text: str) -> int:
    """The opinion of a sentence by its grammar: what is claimed last, but for what is conceded."""
    opinion = -1
    for clause in re.split("[,;] ", text.lower()):
        # The two that look like a denial and are none.
        plain = re.sub("nothing but|cannot help but", "", clause)
        found = [OPINIONS[word] for word in words(plain) if word in OPINIONS]
        if found and not (clause.startswith("although") and opinion >= 0):
            denials = re.findall(
                r"\b(not|never|hardly|refuses|fails|nothing|anything|nobody|cannot)\b", plain
            )
            opinion = (found[0] + len(denials)) % 2
    return opinion


def test_the_grammar_is_understood_by_a_rule_that_knows_it(examples: Examples) -> None:
    assert [understood(text) for text in examples.train.x] == examples.train.y.tolist()


def test_counting_words_is_no_better_than_a_guess(examples: Examples) -> None:
    assert abs(counted(examples, 1) - 0.5) < 0.05


def test_pairs_of_words_help_and_are_not_enough(examples: Examples) -> None:
    assert 0.6 < counted(examples, 2) < 0.8


@pytest.mark.slow
def test_what_reads_them_in_order_is_far_ahead_of_what_counts_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The runs of params.yaml, through their stages."""
    monkeypatch.chdir(tmp_path)
    for name in ("params.yaml", "data/nothing", "models/scratch"):
        place = tmp_path / name
        place.parent.mkdir(exist_ok=True)
        copy = shutil.copytree if (samples.ROOT / name).is_dir() else shutil.copy
        copy(samples.ROOT / name, place)
    download.main("reviews")
    preprocess.main("reviews")
    baseline.main("text_naive_bayes")
    train.main("text_lstm")
    evaluate.main("text_lstm")
    counting, reading = (project.metrics(run) for run in ("text_naive_bayes", "text_lstm"))
    assert counting["accuracy_high"] + 0.1 < reading["accuracy_low"]


def test_every_word_of_opinion_stands_as_often_in_both_classes(examples: Examples) -> None:
    used = Counter(
        (word, label) for text, label in zip(*examples.train, strict=True) for word in set(words(text))
    )
    for word in OPINIONS:
        either = used[word, 0] + used[word, 1]
        assert either > 50
        # Within four standard deviations of a fair coin.
        assert abs(used[word, 1] / either - 0.5) < 4 * 0.5 / np.sqrt(either), word


def test_no_sentence_stands_there_twice_and_half_of_them_are_positive(examples: Examples) -> None:
    assert examples.classes == ("negative", "positive")
    assert len(set(examples.train.x)) == 6000
    assert np.bincount(examples.train.y).tolist() == [3000, 3000]


def test_sentences_are_of_five_to_thirty_words_and_end_with_a_full_stop(examples: Examples) -> None:
    lengths = [len(words(text)) for text in examples.train.x]
    assert min(lengths) >= 5
    assert max(lengths) <= 30
    assert all(re.fullmatch(r"[A-Z][a-zA-Z,; ]+\.", text) for text in examples.train.x)


def test_a_seed_gives_the_same_bytes_each_time_and_another_gives_others(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("two", 7), ("other", 8)):
        assert len(generate(tmp_path / name, count=50, seed=seed).train.y) == 50
    one, two, other = (next((tmp_path / name).iterdir()).read_bytes() for name in ("one", "two", "other"))
    assert one == two != other
    assert (tmp_path / "one" / "generated_reviews.csv").exists()
