"""How near restored images are to their originals. Errors are in pixels scaled to [0, 1]."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from stages.core import inputs
from stages.core.spec import Images
from stages.core.splits import Split
from stages.judging.verdict import Judged, Row

BINS = 50
# What lies further out is left out of a histogram, so that the rest can be seen.
SEEN = 0.995

_WINDOW = 7  # pixels
_AT_ONCE = 1000  # images: an error takes eight times the pixel
_SEED = 0  # of noise: the same for every run


def measured(said: Judged, clean: NDArray[np.uint8]) -> Judged:
    """The same with the error of each image beside it: `errors` (N), by `clean` images (N, C, H, W)."""
    return replace(said, beside={**said.beside, "errors": mse(clean, said.outputs)})


def mse(x: NDArray[np.uint8], restored: NDArray[Any]) -> NDArray[np.float64]:
    """The squared error of each image (N): a mean over pixels and channels.

    Args:
        x: the originals (N, C, H, W), as they lie on disk.
        restored: pixels in [0, 1] (N, C, H, W).
    """
    errors = np.empty(len(x))
    for first in range(0, len(x), _AT_ONCE):
        rows = slice(first, first + _AT_ONCE)
        errors[rows] = np.square(restored[rows] - x[rows] / 255).mean(axis=(1, 2, 3))
    return errors


def psnr(error: float) -> float | None:
    """Peak signal-to-noise ratio in dB of a mean squared error; None where there is no error."""
    return float(-10 * np.log10(error)) if error else None


def ssim(x: NDArray[np.uint8], restored: NDArray[Any]) -> float | None:
    """Structural similarity, a mean over the images; None for images without windows of 3 pixels.

    It is 1 for equal images. Its windows are uniform, of 7 pixels or the most that an image holds, and each
    channel has its own.
    Paper: Wang et al. 2004, https://doi.org/10.1109/TIP.2003.819861
    """
    from skimage.metrics import structural_similarity

    similarity: Any = structural_similarity  # which has no types
    window = min(_WINDOW, *((side - 1) // 2 * 2 + 1 for side in x.shape[2:]))
    if window < 3:
        return None
    said: list[float] = [
        similarity(image / 255, other.astype(float), win_size=window, data_range=1, channel_axis=0)
        for image, other in zip(x, restored, strict=True)
    ]
    return float(np.mean(said))


def flat_mse(train: NDArray[np.uint8], x: NDArray[np.uint8]) -> float:
    """The squared error of the mean train image for images `x`: what any restoration has to beat."""
    mean = train.mean(axis=0) / 255
    return float(mse(x, np.broadcast_to(mean, x.shape)).mean())


def noised(split: Split, spec: Images, *, noise: float) -> Split:
    """The images of a split under Gaussian noise of that deviation in pixels, as they would lie on disk."""
    generator, x = torch.Generator().manual_seed(_SEED), torch.empty_like(split.x)
    for rows, batch in inputs.walk(split, spec, device=torch.device("cpu")):
        images = inputs.noisy(batch.x, spec, noise=noise, generator=generator)
        x[rows] = inputs.pixels(images, spec).mul(255).round().byte()
    return Split(x, split.y)


def spread(
    errors: Mapping[str, NDArray[np.float64]],
) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """Edges of bins of the error, and by name of a set what share of it lies in each bin."""
    reach = max(float(np.quantile(each, SEEN)) for each in errors.values()) or 1.0
    edges = np.linspace(0, reach, BINS + 1)
    return edges, {name: np.histogram(each, edges)[0] / len(each) for name, each in errors.items()}


def histogram(chart: str, errors: Mapping[str, NDArray[np.float64]]) -> Iterator[Row]:
    """The same as rows of a chart: the middle of each bin, and the share in it."""
    edges, shares = spread(errors)
    middles = (edges[1:] + edges[:-1]) / 2
    for name, heights in shares.items():
        yield from ((chart, name, x, y) for x, y in zip(middles.tolist(), heights.tolist(), strict=True))
