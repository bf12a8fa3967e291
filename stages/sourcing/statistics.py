"""Facts of images: what `standardise` takes off and divides by."""

from math import prod

import numpy as np
from numpy.typing import NDArray

_PIXELS = 2**16  # at a time: a count casts each pixel to eight bytes


def per_channel(x: NDArray[np.uint8]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel of images (N, C, H, W), for pixels scaled to [0, 1].

    Taken from a count of the 256 grey levels, they are exact and do not depend on the order of the images.
    A channel that never changes has the deviation 1, so that it may be divided by.
    """
    levels = np.arange(256) / 255
    means, deviations = [], []
    for channel in range(x.shape[1]):
        share = _levels(x[:, channel]) / x[:, channel].size
        mean = float(share @ levels)
        means.append(mean)
        deviations.append(float(np.sqrt(share @ (levels - mean) ** 2)))
    return tuple(means), tuple(deviation or 1.0 for deviation in deviations)


def _levels(x: NDArray[np.uint8]) -> NDArray[np.int64]:
    counts = np.zeros(256, np.int64)
    images = max(1, _PIXELS // prod(x.shape[1:]))
    for first in range(0, len(x), images):
        counts += np.bincount(x[first : first + images].ravel(), minlength=256)
    return counts
