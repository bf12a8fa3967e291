"""Precision, recall and F1 of classes that were chosen; a null where 0/0 leaves one undefined."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from stages.judging.columns import Column

F1 = Column(
    "f1_macro",
    "F1 macro",
    "higher",
    ".4f",
    "for each class the harmonic mean of precision (of what is said to be of it, the share that is) and of "
    "recall (of what is of it, the share that is said to be); then the mean over the classes, rare and "
    "common alike: 1 is perfect",
)

RATIOS = ("precision", "recall", "f1")


def means(y: NDArray[Any], chosen: NDArray[Any]) -> dict[str, float]:
    """Their means over the classes that are in `y` (N) or `chosen` (N): `macro`, and `weighted` by size."""
    from sklearn.metrics import precision_recall_fscore_support as score

    return {
        f"{name}_{average}": float(value)
        for average in ("macro", "weighted")
        for name, value in zip(RATIOS, score(y, chosen, average=average, zero_division=0), strict=False)
    }


def per_class(
    classes: Sequence[str], y: NDArray[Any], chosen: NDArray[Any]
) -> dict[str, dict[str, float | None]]:
    """Those of each class; `support` counts its examples."""
    from sklearn.metrics import precision_recall_fscore_support as score

    labels = range(len(classes))
    *ratios, support = score(y, chosen, labels=labels, average=None, zero_division=0)
    seen = {*y.tolist(), *chosen.tolist()}
    return {
        name: {
            ratio: float(values[k]) if k in seen else None
            for ratio, values in zip(RATIOS, ratios, strict=True)
        }
        | {"support": int(support[k])}
        for k, name in enumerate(classes)
    }
