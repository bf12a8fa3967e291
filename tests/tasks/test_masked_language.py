"""Every figure of the task, against scikit-learn and scipy."""

import json
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.special import softmax
from scipy.stats import sem, t
from sklearn.metrics import log_loss, top_k_accuracy_score

from stages.architectures import bert
from stages.core import rooms
from stages.core.errors import UserError
from stages.judging import cloze, network
from stages.judging.verdict import Judged
from stages.tasks import masked_language
from tests import drawn, samples
from tests.compared import assert_better, declared

FACTS = samples.texts_spec()
WORDS = len(FACTS.vocabulary)
TASK = masked_language.build(FACTS)
COUNTS = np.arange(WORDS) ** 2


class Guesses(NamedTuple):
    """Texts (N, T), their hidden words (N) and logits (N, V) for these."""

    x: NDArray[np.int32]
    y: NDArray[np.int64]
    logits: NDArray[np.float32]


def guesses(*, seed: int = 0, known: float = 1.0) -> Guesses:
    """Hidden words and guesses with noise, to which the right word is `known` better than others."""
    split, draw = samples.split(FACTS, seed=seed), np.random.default_rng(seed)
    y = draw.integers(2, WORDS, len(split))
    logits = draw.normal(size=(len(split), WORDS)) + known * np.eye(WORDS)[y]
    return Guesses(split.x.numpy(), y, logits.astype(np.float32))


GUESSED = {"train": guesses(known=2), "val": guesses(seed=1), "test": guesses(seed=2)}


def judged(said: Guesses) -> Judged:
    beside = cloze.told(said.logits, said.y)
    beside |= {"place": np.zeros(len(said.y), np.int64), "counts": COUNTS}
    return Judged(said.x, said.y, beside.pop("outputs"), beside)


def sets(**own: Guesses) -> dict[str, Judged]:
    return {name: judged(said) for name, said in (GUESSED | own).items()}


def test_every_score_is_that_of_the_libraries() -> None:
    found = TASK.metrics(sets())
    for split, prefix in (("test", ""), ("train", "train_"), ("val", "val_")):
        said, labels = GUESSED[split], range(WORDS)
        loss = log_loss(said.y, softmax(said.logits.astype(float), axis=1), labels=labels)
        assert found[f"{prefix}log_loss"] == pytest.approx(loss)
        assert found[f"{prefix}perplexity"] == pytest.approx(np.exp(loss))
        right = top_k_accuracy_score(said.y, said.logits, k=1, labels=labels)
        assert found[f"{prefix}accuracy"] == pytest.approx(right)
    test = GUESSED["test"]
    assert found["top_5_accuracy"] == pytest.approx(
        top_k_accuracy_score(test.y, test.logits, k=5, labels=range(WORDS))
    )
    assert found["log_loss_gap"] == pytest.approx(found["train_log_loss"] - found["log_loss"])


def test_the_unigram_knows_the_counts_of_train_alone() -> None:
    asked = sets()
    found, y = TASK.metrics(asked), asked["test"].y
    shares = (COUNTS + 1) / (COUNTS + 1).sum()
    assert found["unigram_log_loss"] == pytest.approx(-np.log(shares[y]).mean())
    assert found["unigram_perplexity"] == pytest.approx(np.exp(-np.log(shares[y]).mean()))
    assert found["unigram_accuracy"] == pytest.approx((y == COUNTS.argmax()).mean())


def test_the_interval_is_exp_of_that_of_the_mean_loss() -> None:
    test = GUESSED["test"]
    logs = np.log(softmax(test.logits.astype(float), axis=1))
    losses = -logs[np.arange(len(test.y)), test.y]
    found = TASK.metrics(sets())
    for bound, sign in (("low", -1), ("high", 1)):
        reach = t.ppf(0.975, len(losses) - 1) * sem(losses)
        expected = np.exp(losses.mean() + sign * reach)
        assert found[f"perplexity_{bound}"] == pytest.approx(expected, rel=1e-4)


def test_as_many_words_as_there_are_perplex_who_knows_nothing() -> None:
    test = guesses()
    found = TASK.metrics(sets(test=test._replace(logits=np.zeros_like(test.logits))))
    assert found["perplexity"] == pytest.approx(WORDS)
    assert found["top_5_accuracy"] == 0  # ties are no knowledge


def test_guesses_that_know_more_are_better_in_every_column() -> None:
    better = {
        name: said._replace(logits=3 * said.logits + 5 * np.eye(WORDS)[said.y])
        for name, said in GUESSED.items()
    }
    assert_better(masked_language, TASK.metrics(sets(**better)), TASK.metrics(sets()))


def test_one_text_has_no_interval_and_no_key_is_left_out() -> None:
    one = {name: judged(Guesses(*(part[:1] for part in said))) for name, said in GUESSED.items()}
    found = TASK.metrics(one)
    assert found.keys() == TASK.metrics(sets()).keys()
    assert [key for key, value in found.items() if value is None] == ["perplexity_low", "perplexity_high"]


@pytest.mark.parametrize("loss", [1.1, 2.7, 5.3])
def test_a_perplexity_lies_within_its_interval_however_alike_the_losses_are(loss: float) -> None:
    asked = sets()
    for reach in (0.0, 1e-6):
        outputs = np.full_like(asked["test"].outputs, -loss)
        outputs[0] -= reach
        found = TASK.metrics(asked | {"test": replace(asked["test"], outputs=outputs)})
        assert not reach or found["perplexity_low"] <= found["perplexity"] <= found["perplexity_high"]
        assert reach or found["perplexity_low"] is found["perplexity_high"] is None


def test_a_perplexity_beyond_all_floats_is_undefined() -> None:
    asked = sets()
    far = replace(asked["test"], outputs=asked["test"].outputs - 800)
    found = TASK.metrics(asked | {"test": far, "val": far})
    json.dumps(found, allow_nan=False)
    lost = ["perplexity", "perplexity_low", "perplexity_high", "val_perplexity"]
    assert [key for key, value in found.items() if value is None] == sorted(lost, key=list(found).index)


def test_metrics_are_json_and_hold_what_the_comparison_asks_for() -> None:
    found = TASK.metrics(sets())
    json.dumps(found, allow_nan=False)
    assert all(format(found[column.metric], column.form) for column in declared(masked_language))
    assert (masked_language.COLUMNS[0].metric, masked_language.COLUMNS[0].better) == ("perplexity", "lower")
    assert (masked_language.CHOICE.metric, masked_language.CHOICE.better) == ("val_perplexity", "lower")


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    samples.write(FACTS)


@pytest.mark.usefixtures("written")
def test_a_network_is_asked_for_a_word_of_every_text_of_every_split() -> None:
    torch.manual_seed(0)
    model = bert.build(FACTS, head="words", width=8).eval()
    asked = TASK.ask(samples.subject(FACTS, network.functions(model)))
    assert list(asked) == ["train", "val", "test"]
    found = TASK.metrics(asked)
    assert found["n"] == {"train": 64, "val": 64, "test": 64}
    assert found["perplexity"] == pytest.approx(WORDS, rel=0.5)  # it has learnt nothing
    assert asked["train"].beside["counts"].sum() == (samples.split(FACTS).x > 1).sum()


@pytest.mark.usefixtures("written")
def test_of_so_many_texts_at_most_a_word_is_asked_for_and_train_tells_all_that_was_learnt_from() -> None:
    few = masked_language.build(FACTS, texts=10)
    model = bert.build(FACTS, head="words", width=8).eval()
    asked = few.ask(samples.subject(FACTS, network.functions(model)))
    assert few.metrics(asked)["n"] == {"train": 64, "val": 10, "test": 10}


def test_what_guesses_no_words_is_refused() -> None:
    with pytest.raises(UserError, match=r"^models\.run\.task must be one .* which asks it to guess"):
        TASK.check(samples.subject(FACTS, {"forward": lambda x: x}))


def test_it_is_a_task_for_texts() -> None:
    with pytest.raises(UserError, match="must be given texts, got the images"):
        rooms.build("tasks", "masked_language", samples.spec(), {}, at="models.run.measure")


def test_the_charts_are_the_ranks_and_the_accuracy_by_how_common_words_are() -> None:
    rows, test = list(TASK.charts(sets())), GUESSED["test"]
    ranks = {x: y for chart, series, x, y in rows if (chart, series) == ("rank", "run")}
    for k, share in ranks.items():
        expected = top_k_accuracy_score(test.y, test.logits, k=k, labels=range(WORDS))
        assert share == pytest.approx(expected)
    assert list(ranks) == list(range(1, 11))
    assert {series for chart, series, _, _ in rows if chart == "rank"} == {"run", "unigram"}
    common = [x for chart, _, x, _ in rows if chart == "common"]
    assert common == sorted(common) and len(common) > 2


def test_texts_with_gaps_are_drawn() -> None:
    assert list(TASK.figures(sets())) == ["guesses"]


def test_the_template_draws_every_chart_of_the_task_and_of_texts() -> None:
    assert drawn.charts("masked_language") == {chart for chart, *_ in TASK.charts(sets())} | {"length"}
