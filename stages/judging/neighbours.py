"""The nearest train images: whether a generator draws images of its own or gives back what it learnt from."""

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stages.core import splits
from stages.core.splits import Split
from stages.judging.columns import Column

PRECISION = Column(
    "precision",
    "precision",
    "higher",
    ".3f",
    "share of the samples that lie among test images in these features: do they look real?",
)
RECALL = Column(
    "recall",
    "recall",
    "higher",
    ".3f",
    "share of the test images that lie among the samples: is all that is real drawn?",
)

_ASKED, _SEEN = 4096, 1024  # images of either side at once
RATIO = Column(
    "nearest_train_ratio",
    "distance to train, samples over test",
    None,
    ".2f",
    "how far samples are from the nearest train image, over how far test images are: about 1 is as new as "
    "these, far below 1 is copied",
)
# Pixels less the middle of their range: products of bytes stay small enough that float32 sums up to 1,024 of
# them without rounding, and rounds less beyond.
_MIDDLE = 128


class Nearest(NamedTuple):
    """For each of N images the `nearest` other (N, C, H, W), and its `distance` (N).

    That is the root of the mean squared difference over all channels of all pixels, scaled to [0, 1].
    """

    nearest: NDArray[np.uint8]
    distance: NDArray[np.float64]


def search(x: NDArray[np.uint8], train: Split, *, device: torch.device) -> Nearest:
    """The nearest of all train images to each of `x` (N, C, H, W); of equally near ones any."""
    asked = torch.from_numpy(x).tensor_split(splits.parts(len(x), _ASKED))
    rows = torch.cat([_rows(_flat(part, device), train) for part in asked])
    found = train.take(rows.cpu()).x.cpu().numpy()
    return Nearest(found, np.concatenate([_distances(*pair) for pair in _parts(x, found)]))


def scores(samples: NDArray[np.float64], test: NDArray[np.float64]) -> dict[str, float | None]:
    """The medians of the distances (N) of samples and of test images, and their ratio."""
    drawn, real = float(np.median(samples)), float(np.median(test))
    ratio = drawn / real if real else None
    return {"nearest_train": drawn, "nearest_train_of_test": real, "nearest_train_ratio": ratio}


def _rows(asked: Tensor, train: Split) -> Tensor:
    """The train image (M) that is nearest to each of `asked` (M, D)."""
    least = torch.full((len(asked),), torch.inf, device=asked.device)
    rows = torch.zeros(len(asked), dtype=torch.int64, device=asked.device)
    for first in range(0, len(train), _SEEN):
        seen = _flat(train.take(slice(first, first + _SEEN)).x, asked.device)
        # Half of |a - b|^2, less what is the same for all b.
        near, at = (seen.square().sum(dim=1) / 2 - asked @ seen.T).min(dim=1)
        rows = torch.where(near < least, first + at, rows)
        least = torch.minimum(least, near)
    return rows


def _flat(x: Tensor, device: torch.device) -> Tensor:
    return x.to(device).flatten(1).float().sub_(_MIDDLE)  # (M, C, H, W) -> (M, D)


def _parts(*sides: NDArray[Any]) -> Any:
    """The same few rows of each side at a time."""
    return zip(*(np.split(side, range(_SEEN, len(side), _SEEN)) for side in sides), strict=True)


def _distances(x: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float64]:
    differences = np.subtract(x, other, dtype=np.int32)
    root: NDArray[np.float64] = np.sqrt(np.square(differences).mean(axis=(1, 2, 3))) / 255
    return root
