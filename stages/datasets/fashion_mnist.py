"""Fashion-MNIST: 70,000 pictures of clothes in the form of MNIST, 10,000 of them the official test split.

Paper: Xiao, Rasul and Vollgraf 2017, https://arxiv.org/abs/1708.07747
"""

from pathlib import Path

from stages.sourcing import idx
from stages.sourcing.examples import Examples
from stages.sourcing.images import encode

__all__ = ["encode", "fetch", "prepare"]


def fetch(folder: Path) -> None:
    """Download the official files."""
    idx.fetch("FashionMNIST", folder, source="fashion_mnist")


def prepare(folder: Path) -> Examples:
    """Read them."""
    return idx.prepare("FashionMNIST", folder)
