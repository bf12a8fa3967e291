"""Anomalies among images: classes that are not normal, and the scores by which they stand out."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.core.errors import UserError
from stages.core.spec import Images
from stages.judging.columns import Column
from stages.judging.verdict import Judged

CHANCE = Column("chance_auroc", "chance AUROC", None, ".4f", "that of guessing")
AUROC = Column(
    "auroc",
    "AUROC",
    "higher",
    ".4f",
    "how often an anomalous image stands out more than a normal one: 0.5 is guessing, 1 is perfect",
    (CHANCE,),
)
PRECISION = Column(
    "average_precision",
    "average precision",
    "higher",
    ".4f",
    "share of the alarms that are right, mean over all thresholds: 1 is perfect",
)


class Found(NamedTuple):
    """The scores of the test images (N), which are anomalous (N), and the threshold that alarms exceed."""

    scores: NDArray[np.float64]
    anomalous: NDArray[np.bool_]
    threshold: float

    @property
    def alarms(self) -> NDArray[np.bool_]:
        """Which scores (N) are above the threshold."""
        return self.scores > self.threshold

    @property
    def sides(self) -> dict[str, NDArray[np.float64]]:
        """The scores of normal and of anomalous images."""
        return {"normal": self.scores[~self.anomalous], "anomalous": self.scores[self.anomalous]}


def refuse(spec: Images, *, task: str) -> None:
    """Hold a data set against a task that knows of no anomalies.

    Raises:
        UserError: its test split has classes that train lacks.
    """
    if spec.normal:
        raise UserError(f"task {task} must be given data without normal_classes, got {spec.dataset!r}")


def find(spec: Images, judged: Mapping[str, Judged], *, false_alarms: float) -> Found:
    """The test images by the `errors` beside their reconstructions.

    Of the validation images, which are all normal, a share of `false_alarms` has scores above the threshold.
    """
    test, val = judged["test"], judged["val"]
    anomalous = ~np.array([name in spec.normal for name in spec.classes])[test.y]
    threshold = float(np.quantile(val.beside["errors"], 1 - false_alarms))
    return Found(test.beside["errors"], anomalous, threshold)


def area_error(area: float, *, anomalous: int, normal: int) -> float:
    """The standard error of the area under a ROC curve of so many examples.

    Paper: Hanley and McNeil 1982, https://doi.org/10.1148/radiology.143.1.7063747, with their formulas for
    the chance that one example stands out of two, or two of one: those of exponential scores.
    """
    of_two, two_of = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (anomalous - 1) * (of_two - area**2) + (normal - 1) * (two_of - area**2)
    return float(np.sqrt(variance / (anomalous * normal)))
