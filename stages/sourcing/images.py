"""Images as they go to disk, and what is known of them."""

import numpy as np

from stages.core.blocks import Holdout
from stages.core.checking import nearest, shown
from stages.core.spec import Images
from stages.sourcing import holdout, statistics
from stages.sourcing.examples import Encoded, Examples


def encode(
    examples: Examples, split: Holdout, dataset: str, *, normal_classes: tuple[str, ...] = ()
) -> Encoded:
    """Split the images; they stay pixels.

    Args:
        normal_classes: where some are named, train and val keep no others: they are split as without it, and
            test keeps all.

    Raises:
        ValueError: a normal class is unknown or named twice, or no class is left that is not normal.
    """
    normal = _normal(examples.classes, normal_classes)
    parts = holdout.split(examples, split, dataset=dataset)
    for name in ("train", "val") if normal else ():
        parts[name] = parts[name].take(np.flatnonzero(np.isin(parts[name].y, normal)))
    mean, std = statistics.per_channel(parts["train"].x)
    facts = {
        "shape": parts["train"].x.shape[1:],
        "classes": examples.classes,
        "normal": tuple(examples.classes[k] for k in normal),
        "counts": {name: holdout.counts(part, examples.classes) for name, part in parts.items()},
        "mean": mean,
        "std": std,
    }
    return Encoded(Images, facts, {name: {"x": part.x, "y": part.y} for name, part in parts.items()})


def _normal(classes: tuple[str, ...], names: tuple[str, ...]) -> list[int]:
    """The places of the normal classes, in the order of the source."""
    for at, name in enumerate(names):
        if name not in classes:
            raise ValueError(
                f"normal_classes must be classes of the data set, got {shown(name)}; {nearest(name, classes)}"
            )
        if name in names[:at]:
            raise ValueError(f"normal_classes must name no class again, got {shown(name)}")
    if len(names) == len(classes):
        raise ValueError(f"normal_classes must leave a class out, got all {len(classes)}")
    return [k for k, name in enumerate(classes) if name in names]
