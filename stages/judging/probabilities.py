"""Class probabilities: their calibration and their curves."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.judging.columns import Column

ROC_AUC = Column(
    "roc_auc",
    "ROC-AUC",
    "higher",
    ".4f",
    "how often an example of a class gets a higher probability of it than one of another class; mean "
    "over the classes: 0.5 is guessing, 1 is perfect",
)
LOG_LOSS = Column(
    "log_loss",
    "log loss",
    "lower",
    ".4f",
    "mean of -ln p in nats, where p is the probability given to the right class: 0 is perfect",
)
CALIBRATION = Column(
    "expected_calibration_error",
    "calibration error",
    "lower",
    ".4f",
    "how far probabilities are from what comes true: what is said with 0.9 should be right in 90 %",
)

BINS = 15  # of equal width, as Guo et al. 2017 have them
MOST_POINTS = 64  # of one curve
MOST_SERIES = 20  # classes with a curve of their own; beyond, one curve for all

Points = list[tuple[float, float]]


def log_softmax(outputs: NDArray[np.float32]) -> NDArray[np.float64]:
    """Log-probabilities (N, K) of outputs (N, K); finite however large these are."""
    shifted = outputs.astype(np.float64) - outputs.max(axis=1, keepdims=True)
    normalised: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return normalised


def bins(right: NDArray[Any], confidence: NDArray[np.float64]) -> Iterator[tuple[float, float, float]]:
    """(mean confidence, accuracy, share of the examples) of each bin of confidence that is not empty.

    Bin m of M holds the confidences in ((m - 1) / M, m / M].
    """
    held = np.searchsorted(np.arange(1, BINS) / BINS, confidence, side="left")
    for chosen in (held == m for m in range(BINS)):
        if chosen.any():
            yield float(confidence[chosen].mean()), float(right[chosen].mean()), float(chosen.mean())


def calibration_error(right: NDArray[Any], confidence: NDArray[np.float64]) -> float:
    """Expected calibration error: the gap between confidence and accuracy, a mean over the examples.

    Papers: Naeini et al. 2015; Guo et al. 2017 (arXiv 1706.04599), eq. 3.
    """
    return sum(share * abs(accuracy - said) for said, accuracy, share in bins(right, confidence))


def one_against_rest(
    classes: Sequence[str], y: NDArray[Any], probabilities: NDArray[np.float64]
) -> Iterator[tuple[str, NDArray[Any], NDArray[np.float64]]]:
    """(series, hits, scores) of each class that the split has beside others."""
    hits = y[:, None] == np.arange(len(classes))
    if len(classes) > MOST_SERIES:
        yield "all classes", hits.ravel(), probabilities.ravel()
        return
    for k, name in enumerate(classes):
        if 0 < hits[:, k].sum() < len(y):
            yield name, hits[:, k], probabilities[:, k]


def roc_auc(y: NDArray[Any], probabilities: NDArray[np.float64]) -> float | None:
    """The area under the ROC curve of each class that the split has beside others, a mean; None of none."""
    from sklearn.metrics import roc_auc_score

    defined = [k for k in range(probabilities.shape[1]) if 0 < (y == k).sum() < len(y)]
    areas = [roc_auc_score(y == k, probabilities[:, k]) for k in defined]
    return float(np.mean(areas)) if areas else None


def roc(hits: NDArray[Any], scores: NDArray[np.float64]) -> Points:
    """(false positive rate, true positive rate), from (0, 0) to (1, 1)."""
    from sklearn.metrics import roc_curve

    false, true, _ = roc_curve(hits, scores)
    return _thinned(false, true)


def precision_recall(hits: NDArray[Any], scores: NDArray[np.float64]) -> Points:
    """(recall, precision), from recall 0 to the first point of recall 1."""
    from sklearn.metrics import precision_recall_curve

    precision, recall, _ = precision_recall_curve(hits, scores, drop_intermediate=True)
    first = int((recall == 1).sum()) - 1  # thresholds rise, recall falls
    return _thinned(recall[first:][::-1], precision[first:][::-1])


def _thinned(x: NDArray[np.float64], y: NDArray[np.float64]) -> Points:
    """At most so many points of a curve, equally far apart along it, both ends among them."""
    if len(x) > MOST_POINTS:
        along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
        wanted = np.linspace(0, along[-1], MOST_POINTS)
        rows = np.unique(np.append(np.searchsorted(along, wanted[:-1]), len(x) - 1))
        x, y = x[rows], y[rows]
    return list(zip(x.tolist(), y.tolist(), strict=True))
