"""Digits: 1,797 handwritten digits, 8x8 in 17 greys, that scikit-learn brings along.

Paper: Alpaydin and Kaynak 1998, Optical Recognition of Handwritten Digits, https://doi.org/10.24432/C50P49
"""

from pathlib import Path

import numpy as np

from stages.core import files
from stages.sourcing.examples import Examples, Labelled
from stages.sourcing.images import encode

__all__ = ["encode", "fetch", "prepare"]

_FILE = "digits.safetensors"
_LIGHTEST = 16
_STEPS = [
    f"pixels = np.rint(greys * (255 / {_LIGHTEST}))  # greys 0 to {_LIGHTEST}, as scikit-learn has them"
]


def fetch(folder: Path) -> None:
    """Write what scikit-learn has: greys 0 to 16 and the digit."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    tensors = {"images": digits.images.astype(np.uint8), "digits": digits.target.astype(np.int64)}
    files.write_tensors(folder / _FILE, tensors)


def prepare(folder: Path) -> Examples:
    """Read them, the greys spread over 0 to 255."""
    from safetensors.numpy import load_file

    raw = load_file(folder / _FILE)
    x = np.rint(raw["images"] * (255 / _LIGHTEST)).astype(np.uint8)
    train = Labelled(x[:, None], raw["digits"])
    return Examples(tuple("0123456789"), train, reading={"steps": _STEPS})
