"""MNIST: 70,000 handwritten digits, grey, 28x28, 10,000 of them the official test split.

Paper: LeCun, Bottou, Bengio and Haffner 1998, http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf
"""

from pathlib import Path

from stages.sourcing import idx
from stages.sourcing.examples import Examples
from stages.sourcing.images import encode

__all__ = ["encode", "fetch", "prepare"]


def fetch(folder: Path) -> None:
    """Download the official files."""
    idx.fetch("MNIST", folder, source="mnist")


def prepare(folder: Path) -> Examples:
    """Read them."""
    return idx.prepare("MNIST", folder)
