"""Images as they go to disk, and what is known of them."""

from stages.core.blocks import Holdout
from stages.core.spec import Images
from stages.sourcing import holdout, statistics
from stages.sourcing.examples import Encoded, Examples


def encode(examples: Examples, split: Holdout, dataset: str) -> Encoded:
    """Split the images; they stay pixels."""
    parts = holdout.split(examples, split, dataset=dataset)
    mean, std = statistics.per_channel(parts["train"].x)
    facts = {
        "shape": parts["train"].x.shape[1:],
        "classes": examples.classes,
        "counts": {name: holdout.counts(part, examples.classes) for name, part in parts.items()},
        "mean": mean,
        "std": std,
    }
    return Encoded(Images, facts, {name: {"x": part.x, "y": part.y} for name, part in parts.items()})
