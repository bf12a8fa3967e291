"""Facts of images: what `standardise` takes off and divides by."""

import numpy as np
from numpy.typing import NDArray

from stages.sourcing import cores, disk
from stages.sourcing.disk import Rows


def per_channel(x: Rows) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel of images (N, C, H, W), for pixels scaled to [0, 1].

    Taken from a count of the 256 grey levels, they are exact and do not depend on the order of the images.
    A channel that never changes has the deviation 1, so that it may be divided by.
    """
    levels = np.arange(256) / 255
    counts = sum(cores.each(_counts, disk.pieces(x)), np.zeros((x.shape[1], 256), np.int64))
    shares = counts / counts.sum(axis=1, keepdims=True)
    means = [float(share @ levels) for share in shares]
    deviations = [
        float(np.sqrt(share @ (levels - mean) ** 2)) for share, mean in zip(shares, means, strict=True)
    ]
    return tuple(means), tuple(deviation or 1.0 for deviation in deviations)


def _counts(images: Rows) -> NDArray[np.int64]:
    """How many pixels of each channel have each grey level (C, 256)."""
    # numpy's bincount makes eight bytes of each pixel, and holds the lock of the interpreter meanwhile.
    from PIL import Image

    channels = np.ascontiguousarray(np.asarray(images).swapaxes(0, 1))  # (n, C, H, W) -> (C, n, H, W)
    return np.array([Image.fromarray(each.reshape(len(each), -1)).histogram() for each in channels])
