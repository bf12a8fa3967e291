"""Masked language: one word of each text is hidden, and guessed from those around it.

The perplexity of the `unigram`, a guess by the counts of the words in train alone, is what any other has to
beat.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stages.core import paths, splits
from stages.core.ranges import Count
from stages.core.spec import Texts
from stages.judging import cloze, columns, intervals, perplexity
from stages.judging.columns import Column
from stages.judging.subject import Subject
from stages.judging.verdict import Judged, Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ASKS = "guesses"
UNIGRAM = Column(
    "unigram_perplexity",
    "unigram perplexity",
    None,
    ".2f",
    "that of guessing by how common words are in train, without a look at the text",
)
PERPLEXITY = perplexity.COLUMN._replace(trivial=(UNIGRAM,))
LOG_LOSS = Column(
    "log_loss",
    "log loss a word",
    "lower",
    ".4f",
    "mean of -ln p in nats, where p is the probability given to the hidden word: 0 is perfect",
)
COLUMNS = (
    PERPLEXITY,
    LOG_LOSS,
    Column("accuracy", "accuracy", "higher", ".2%", "share of hidden words that are guessed first"),
    Column(
        "top_5_accuracy",
        "among five",
        "higher",
        ".2%",
        "share of hidden words that are among the first five guesses",
    ),
    columns.gap(LOG_LOSS),
)
CHOICE = columns.validation(PERPLEXITY)
FIRST = 10  # ranks that are drawn


@dataclass(frozen=True, slots=True)
class MaskedLanguage:
    """The words of `spec`, one hidden in each of at most so many `texts` of a split."""

    spec: Texts
    texts: int

    def check(self, subject: Subject) -> None:
        """Hidden words must be guessed."""
        subject.needs(ASKS, task="masked_language")

    def ask(self, subject: Subject) -> dict[str, Judged]:
        """Log-probabilities (N) for every split; beside those of train how often each word (V) is in it."""
        judged = {
            name: cloze.over(subject, self.spec, splits.load(self.spec, name), texts=self.texts)
            for name in paths.SPLITS
        }
        train = judged["train"]
        counted = dict(train.beside) | {"counts": cloze.counts(self.spec)}
        return judged | {"train": replace(train, beside=counted)}

    def metrics(self, judged: Mapping[str, Judged]) -> dict[str, Any]:
        """The scores on the test split; those of train and val beside them show over- and underfitting.

        Log loss is in nats. The interval of the perplexity is exp of that of the log loss. The gap is train
        less test. `n` of train are all that were learnt from.
        """
        test = judged["test"]
        scores: dict[str, Any] = _fit(test)
        around = perplexity.interval(intervals.of_mean(_losses(test)))
        scores |= intervals.named("perplexity", around)
        scores["top_5_accuracy"] = float((test.beside["rank"] <= 5).mean())
        counted = cloze.by_counts(test, judged["train"].beside["counts"])
        for split in ("train", "val"):
            scores |= {f"{split}_{name}": value for name, value in _fit(judged[split]).items()}
        scores["log_loss_gap"] = scores["train_log_loss"] - scores["log_loss"]
        scores |= {f"unigram_{name}": value for name, value in _fit(counted).items()}
        asked = {name: len(said.y) for name, said in judged.items()}
        scores["n"] = asked | {"train": self.spec.size("train")}
        return scores

    def charts(self, judged: Mapping[str, Judged]) -> Iterator[Row]:
        """How often the word is among the first guesses, by how many, and accuracy by how common it is."""
        test, counts = judged["test"], judged["train"].beside["counts"]
        for series, said in (("run", test), ("unigram", cloze.by_counts(test, counts))):
            ranks = said.beside["rank"]
            yield from (("rank", series, k, float((ranks <= k).mean())) for k in range(1, FIRST + 1))
        for count, accuracy in cloze.commonness(counts[test.y], test.right):
            yield "common", "accuracy", count, accuracy

    def figures(self, judged: Mapping[str, Judged]) -> "dict[str, Figure]":
        """Texts with a gap, and what is guessed to stand there."""
        return {"guesses": cloze.draw(self.spec, judged["test"])}


def _losses(judged: Judged) -> NDArray[np.float64]:
    """-log p (N) of the hidden words."""
    return -judged.outputs.astype(np.float64)


def _fit(judged: Judged) -> dict[str, float | None]:
    log_loss = float(_losses(judged).mean())
    return {
        "perplexity": perplexity.of(log_loss),
        "log_loss": log_loss,
        "accuracy": float(judged.right.mean()),
    }


def build(spec: Texts, *, texts: Count = 2000) -> MaskedLanguage:
    """Masked language on the texts of `spec`.

    Args:
        texts: of each split at most so many are asked about, evenly spread.
    """
    return MaskedLanguage(spec, texts)
