"""Classification: which of K classes an example is of. `softmax(outputs)` are the probabilities, whatever was
minimised.

What 0/0 leaves undefined: a class neither in the split nor predicted has no precision, recall and F1
(null) and does not enter their means, otherwise 0/0 counts as 0; ROC-AUC is the mean over the classes
that the split has beside others, and null where there is none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stages.core import paths
from stages.core.ranges import Size
from stages.core.spec import Labelled
from stages.judging import columns, inference, intervals, probabilities, ratios
from stages.judging.columns import Column
from stages.judging.subject import Subject
from stages.judging.verdict import Judged, Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ASKS = "outputs"
CHANCE = Column(
    "chance_accuracy",
    "chance accuracy",
    None,
    ".2%",
    "that of always naming the class that is most common in test",
)
ACCURACY = Column(
    "accuracy", "accuracy", "higher", ".2%", "share of examples put in the right class", (CHANCE,)
)
COLUMNS = (
    ACCURACY,
    ratios.F1,
    probabilities.ROC_AUC,
    probabilities.LOG_LOSS,
    probabilities.CALIBRATION,
    columns.gap(ACCURACY),
)
CHOICE = columns.validation(ACCURACY)
MOST_EXPLAINED = 20  # right examples, and as many wrong ones


@dataclass(frozen=True, slots=True)
class Classification:
    """One of the classes of `spec`."""

    spec: Labelled
    explain: int

    def check(self, subject: Subject) -> None:
        """Examples must be answered to; what is asked why must have gradients."""
        from stages.judging import explained

        subject.needs(ASKS, task="classification")
        explained.check(subject, self.explain)

    def ask(self, subject: Subject) -> dict[str, Judged]:
        """Logits (N, K) for every split, and for `explained`, some of test."""
        from stages.judging import explained

        judged = inference.every_split(subject, shape=self.spec.outputs)
        return judged | explained.ask(subject, judged["test"], self.explain)

    def metrics(self, judged: Mapping[str, Judged]) -> dict[str, Any]:
        """The scores on the test split; those of train and val beside them show over- and underfitting.

        Gaps are train less test. Log loss is in nats and exact, not clipped.
        """
        test = judged["test"]
        chosen, shares = _answers(test)
        scores: dict[str, Any] = _fit(test)
        scores |= intervals.named("accuracy", intervals.of_share(int(test.right.sum()), len(test.y)))
        scores["chance_accuracy"] = float(np.bincount(test.y).max() / len(test.y))
        scores |= ratios.means(test.y, chosen) | {"roc_auc": probabilities.roc_auc(test.y, shares)}
        scores["expected_calibration_error"] = probabilities.calibration_error(
            chosen == test.y, shares.max(axis=1)
        )
        for split in ("train", "val"):
            scores |= {f"{split}_{name}": value for name, value in _fit(judged[split]).items()}
        for name in ("accuracy", "log_loss"):
            scores[f"{name}_gap"] = scores[f"train_{name}"] - scores[name]
        scores["n"] = {split: len(judged[split].y) for split in paths.SPLITS}
        scores["per_class"] = ratios.per_class(self.spec.classes, test.y, chosen)
        return scores

    def charts(self, judged: Mapping[str, Judged]) -> Iterator[Row]:
        """Confusion counts, ROC and precision-recall curves, and reliability."""
        test = judged["test"]
        chosen, shares = _answers(test)
        names, size = self.spec.classes, len(self.spec.classes)
        counts = np.bincount(test.y * size + chosen, minlength=size**2).reshape(size, size)
        for actual, row in zip(names, counts.tolist(), strict=True):
            yield from (("confusion", actual, said, n) for said, n in zip(names, row, strict=True))
        for name, hits, scores in probabilities.one_against_rest(names, test.y, shares):
            yield from (("roc", name, x, y) for x, y in probabilities.roc(hits, scores))
            yield from (("pr", name, x, y) for x, y in probabilities.precision_recall(hits, scores))
        for confidence, accuracy, share in probabilities.bins(chosen == test.y, shares.max(axis=1)):
            yield "calibration", "accuracy", confidence, accuracy
            yield "calibration", "share", confidence, share

    def figures(self, judged: Mapping[str, Judged]) -> "dict[str, Figure]":
        """The worst mistakes, and why the surest examples are said to be what they are."""
        from stages.judging import explained, mistakes

        test = judged["test"]
        chosen, shares = _answers(test)
        drawn = {"mistakes": mistakes.draw(self.spec, test, chosen, shares.max(axis=1))}
        return drawn | explained.pictures(self.spec, judged)


def _answers(judged: Judged) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The class chosen (N) and the probabilities (N, K)."""
    return judged.outputs.argmax(axis=1), np.exp(probabilities.log_softmax(judged.outputs))


def _fit(judged: Judged) -> dict[str, float]:
    logs = probabilities.log_softmax(judged.outputs)
    return {
        "accuracy": float(judged.right.mean()),
        "log_loss": float(-logs[np.arange(len(logs)), judged.y].mean()),
    }


def build(spec: Labelled, *, explain: Size = 0) -> Classification:
    """Classification by the classes of `spec`.

    Args:
        explain: of how many examples, right ones and as many wrong ones, it is drawn why they were said to be
            what they are; 0: of none.

    Raises:
        ValueError: they would not fit a picture.
    """
    if explain > MOST_EXPLAINED:
        raise ValueError(f"explain must be at most {MOST_EXPLAINED}, got {explain}")
    return Classification(spec, explain)
