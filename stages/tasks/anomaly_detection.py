"""Anomaly detection: images of classes that no train image had, told by how badly they are reconstructed.

The score of an image is the mean squared error of its reconstruction, pixels scaled to [0, 1]. An alarm is a
score above the threshold, which only the share `false_alarms` of the validation images exceeds: those are
normal, so that no anomaly takes part in any choice. Undefined and null are the scores of a class that the
test split lacks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from stages.core.errors import UserError
from stages.core.ranges import Share
from stages.core.spec import Images
from stages.judging import anomalies, inference, intervals, probabilities, restoration
from stages.judging.anomalies import Found
from stages.judging.columns import Column
from stages.judging.subject import Subject
from stages.judging.verdict import Judged, Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ASKS = "inputs"
COLUMNS = (
    anomalies.AUROC,
    anomalies.PRECISION,
    Column("detection_rate", "detected", "higher", ".2%", "share of anomalous images with an alarm"),
    Column(
        "false_alarm_rate",
        "false alarms",
        None,
        ".2%",
        "share of normal images with an alarm; on validation it is what the task allows",
    ),
    Column(
        "mse_normal",
        "MSE, normal",
        "lower",
        ".5f",
        "mean squared error of the pixels, which go from 0 to 1, of normal images that are reconstructed",
    ),
)
CHOICE = Column(
    "val_mse",
    "validation MSE",
    "lower",
    ".5f",
    "mean squared error of the pixels on validation, where all is normal: no anomaly helps to choose",
)


@dataclass(frozen=True, slots=True)
class AnomalyDetection:
    """The classes of `spec` that are not normal, told at a cost of that share of false alarms."""

    spec: Images
    false_alarms: float

    def check(self, subject: Subject) -> None:
        """Examples must be answered to."""
        subject.needs(ASKS, task="anomaly_detection")

    def ask(self, subject: Subject) -> dict[str, Judged]:
        """Pixels (N, C, H, W) for every split, and their `errors` (N) beside them."""
        judged = inference.every_split(subject, shape=self.spec.shape, beside=("encode",))
        return {name: restoration.measured(said, said.x) for name, said in judged.items()}

    def metrics(self, judged: Mapping[str, Judged]) -> dict[str, Any]:
        """The scores on the test split, where anomalies are what is to be found.

        `false_alarm_rate` and `detection_rate` are the shares of its normal and of its anomalous images that
        give an alarm, `mse_normal` is the mean score of the normal ones.
        """
        from sklearn.metrics import average_precision_score, roc_auc_score

        found = self._find(judged)
        area = float(roc_auc_score(found.anomalous, found.scores))
        sides = {name: len(scores) for name, scores in found.sides.items()}
        scores: dict[str, Any] = {
            "auroc": area,
            **intervals.named("auroc", intervals.of_score(area, partial(anomalies.area_error, **sides))),
            "chance_auroc": 0.5,
            "average_precision": float(average_precision_score(found.anomalous, found.scores)),
            "threshold": found.threshold,
            "false_alarm_rate": float(found.alarms[~found.anomalous].mean()),
            "detection_rate": float(found.alarms[found.anomalous].mean()),
            "mse_normal": float(found.sides["normal"].mean()),
        }
        for split in ("train", "val"):
            scores[f"{split}_mse"] = float(judged[split].beside["errors"].mean())
        scores["n"] = {split: len(answers.y) for split, answers in judged.items()}
        scores["n"] |= {f"test_{name}": count for name, count in sides.items()}
        scores["per_class"] = self._per_class(judged["test"], found)
        return scores

    def charts(self, judged: Mapping[str, Judged]) -> Iterator[Row]:
        """ROC and precision-recall curve of the anomalies, how the scores are spread, and the threshold."""
        found = self._find(judged)
        for name, curve in (("roc", probabilities.roc), ("pr", probabilities.precision_recall)):
            yield from ((name, "anomalous", x, y) for x, y in curve(found.anomalous, found.scores))
        yield from restoration.histogram("scores", found.sides)
        yield "threshold", "threshold", found.threshold, 0

    def figures(self, judged: Mapping[str, Judged]) -> "dict[str, Figure]":
        """What stands out most and least, how scores are spread, and latents where there are some."""
        from stages.judging import latents, restored

        test, found = judged["test"], self._find(judged)
        return {
            "extremes": restored.draw_extremes(self.spec, test, found),
            "mistakes": restored.draw_mistakes(self.spec, test, found),
            "scores": restored.draw_errors(
                "Scores of the test images", found.sides, threshold=found.threshold
            ),
        } | latents.pictures(self.spec, test)

    def _find(self, judged: Mapping[str, Judged]) -> Found:
        return anomalies.find(self.spec, judged, false_alarms=self.false_alarms)

    def _per_class(self, test: Judged, found: Found) -> dict[str, dict[str, float | None]]:
        """The mean score of each class, and the share of it that gives an alarm."""
        rows = {name: test.y == k for k, name in enumerate(self.spec.classes)}
        return {
            name: {
                "score": float(found.scores[own].mean()) if own.any() else None,
                "detected": float(found.alarms[own].mean()) if own.any() else None,
            }
            for name, own in rows.items()
        }


def build(spec: Images, *, false_alarms: Share = 0.05) -> AnomalyDetection:
    """Detection of the images of `spec` that are of no normal class.

    Args:
        false_alarms: the share of normal images that may give an alarm.

    Raises:
        UserError: no classes are normal.
    """
    if not spec.normal:
        raise UserError(
            "task anomaly_detection must be given a data set with normal_classes, "
            f"got {spec.dataset!r}: name them in datasets.{spec.dataset}.encode"
        )
    return AnomalyDetection(spec, false_alarms)
