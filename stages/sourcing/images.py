"""Images as they go to disk, and what is known of them."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.blocks import Holdout
from stages.core.checking import nearest, shown
from stages.core.ranges import Size
from stages.core.spec import Images
from stages.sourcing import holdout, repeats, statistics
from stages.sourcing.examples import Encoded, Examples, Labelled


def encode(
    examples: Examples,
    split: Holdout,
    dataset: str,
    *,
    classes: tuple[str, ...] = (),
    normal_classes: tuple[str, ...] = (),
    per_class: Size = 0,
) -> Encoded[Images]:
    """Split the images; they stay pixels. Whatever is kept of them, each stands in the same split as without.

    Args:
        classes: where some are named, no others are kept; they are numbered anew, in the order of the source.
        normal_classes: where some are named, train and val keep no others, and test keeps all.
        per_class: train keeps so many of each class, drawn by the seed of the split; all with 0.

    Raises:
        ValueError: a class is unknown or named twice, only one or no anomaly is left, or there are too few.
    """
    kept = _kept(examples.classes, classes)
    names = tuple(examples.classes[k] for k in kept) or examples.classes
    normal = _normal(names, normal_classes)
    parts = {
        name: _chosen(part, kept, [] if name == "test" else normal)
        for name, part in holdout.split(examples, split, dataset=dataset).items()
    }
    parts["train"] = holdout.few(parts["train"], names, each=per_class, seed=split.seed)
    facts = {"classes": names, "normal": tuple(names[k] for k in normal)}
    splits = {name: {"x": part.x, "y": part.y} for name, part in parts.items()}
    return Encoded(Images, facts | _counted(parts, names), splits, partial(_measured, parts, dataset))


def _counted(parts: Mapping[str, Labelled], classes: tuple[str, ...]) -> dict[str, Any]:
    counts = {name: holdout.counts(part, classes) for name, part in parts.items()}
    return {"shape": parts["train"].x.shape[1:], "counts": counts}


def _measured(parts: Mapping[str, Labelled], dataset: str) -> dict[str, Any]:
    repeated = repeats.shares({name: part.x for name, part in parts.items()})
    repeats.tell(dataset, repeated)
    mean, std = statistics.per_channel(parts["train"].x)
    return {"repeated": repeated, "mean": mean, "std": std}


def _kept(known: tuple[str, ...], names: tuple[str, ...]) -> list[int]:
    """The places of the classes that are kept; none where all are."""
    if len(names) == 1:
        raise ValueError(f"classes must name two at least, or none to keep all, got {shown(names[0])} alone")
    return _places("classes", known, names)


def _normal(known: tuple[str, ...], names: tuple[str, ...]) -> list[int]:
    """The places of the normal classes."""
    places = _places("normal_classes", known, names)
    if len(places) == len(known):
        raise ValueError(f"normal_classes must leave a class out, got all {len(known)}")
    return places


def _places(key: str, known: tuple[str, ...], names: tuple[str, ...]) -> list[int]:
    """The places of classes that an argument names, in the order of the source."""
    for at, name in enumerate(names):
        if name not in known:
            raise ValueError(
                f"{key} must be classes of the data set, got {shown(name)}; {nearest(name, known)}"
            )
        if name in names[:at]:
            raise ValueError(f"{key} must name no class again, got {shown(name)}")
    return [k for k, name in enumerate(known) if name in names]


def _chosen(part: Labelled, kept: list[int], normal: list[int]) -> Labelled:
    """The examples of the kept classes, labelled by their places among these; then of the normal ones."""
    if kept:
        left = part.take(_rows(part, kept))
        part = Labelled(left.x, np.searchsorted(kept, left.y))
    return part.take(_rows(part, normal)) if normal else part


def _rows(part: Labelled, labels: list[int]) -> NDArray[np.int64]:
    return np.flatnonzero(np.isin(part.y, labels))
