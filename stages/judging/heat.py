"""Numbers over an image as colours."""

from typing import Any

import matplotlib
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F


def overlay(image: NDArray[np.uint8], heat: NDArray[np.float32]) -> NDArray[np.float64]:
    """An image (C, H, W) in colour (3, H, W) under its heat (H', W'), brighter where it is hotter.

    Heat is at least 0 and told beside its own highest; between its places it is interpolated.
    """
    grown = F.interpolate(torch.from_numpy(heat)[None, None], image.shape[1:], mode="bilinear")[0, 0].numpy()
    half: NDArray[np.float64] = 0.5 * image / 255 + 0.5 * _colours("inferno", grown / (grown.max() or 1))
    return half


def signed(parts: NDArray[np.float32]) -> NDArray[np.float64]:
    """Numbers (C, H, W), added up over the channels, in colour (3, H, W): red above zero, blue below."""
    sums = parts.sum(axis=0)
    return _colours("RdBu_r", 0.5 + 0.5 * sums / (np.abs(sums).max() or 1))


def _colours(name: str, shares: NDArray[Any]) -> NDArray[np.float64]:
    """The colours (3, H, W) of shares (H, W) in [0, 1]."""
    colours: NDArray[np.float64] = np.moveaxis(matplotlib.colormaps[name](shares)[..., :3], -1, 0)
    return colours
