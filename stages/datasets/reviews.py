"""Reviews: generated sentences on films, half of them positive, told apart by the order of their words.

No person wrote them. Negations, also with a gap and twice, contrasts and asides decide what a sentence says;
every word of praise or blame stands equally often in sentences of either class.
"""

import csv
from pathlib import Path

from stages.core import files
from stages.core.ranges import Count, Seed
from stages.sourcing import grammar, texts
from stages.sourcing.examples import Examples
from stages.sourcing.texts import encode

__all__ = ["encode", "fetch", "prepare"]

GENERATED = True

_FILE = "generated_reviews.csv"
_HEADER = ("label", "text")
_CLASSES = ("negative", "positive")


def fetch(folder: Path, *, count: Count = 6000, seed: Seed = 0) -> None:
    """Generate `count` sentences, no two alike."""
    from numpy.random import RandomState

    random, written = RandomState(seed), dict[str, str]()
    while len(written) < count:
        label = len(written) % len(_CLASSES)
        written.setdefault(grammar.review(random, positive=bool(label)), _CLASSES[label])
    files.write_csv(folder / _FILE, _HEADER, [(label, text) for text, label in written.items()])


def prepare(folder: Path) -> Examples:
    """Read them."""
    with (folder / _FILE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return texts.classified([row["text"] for row in rows], [row["label"] for row in rows], given=_FILE)
