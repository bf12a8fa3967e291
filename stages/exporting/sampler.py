"""Images out of an exported denoiser, by numpy and onnxruntime alone: this file works wherever it is copied.

`python -m stages.exporting.sampler models/diffusion/onnx/denoiser.onnx --count 16 --seed 0 --out samples.png`
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import isqrt, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

Array = NDArray[Any]  # float32, (N, C, H, W)

# Images that are made together.
_AT_ONCE = 256


def sample(path: Path, count: int, seed: int, *, steps: int = 50) -> Array:
    """Pixels in [0, 1] (count, C, H, W), by DDIM (Song et al. 2020, arXiv 2010.02502).

    Raises:
        ValueError: more steps than the denoiser knows.
    """
    if not path.is_file():
        raise ValueError(f"path must be a file, got {path}")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    told = {key: json.loads(text) for key, text in session.get_modelmeta().custom_metadata_map.items()}
    if "alpha_bars" not in told:
        raise ValueError(f"path must be an exported denoiser, got {path}")

    def denoise(noised: Array, step: int) -> Array:
        at = np.full(len(noised), step, dtype=np.int64)
        noise: Array = session.run(None, {"noised": noised, "steps": at})[0]
        return noise

    shape = (count, *told["spec"]["shape"])
    start = np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)
    images = [
        denoised(denoise, start[first : first + _AT_ONCE], told["alpha_bars"], steps=steps)
        for first in range(0, count, _AT_ONCE)
    ]
    return (np.concatenate(images) + 1) / 2


def denoised(
    denoise: Callable[[Array, int], Array], start: Array, left: Sequence[float], *, steps: int
) -> Array:
    """Images in [-1, 1] out of pure noise `start` (B, C, H, W), in `steps` of those that `left` (T) has.

    At each step the image that the noised one seems to hide is cut off at [-1, 1], then noised again with the
    noise that was found, as much as is left one step further down.
    """
    if not 1 <= steps <= len(left):
        raise ValueError(f"steps must be from 1 to noise_steps ({len(left)}), got {steps}")
    noised, times = start, [len(left) * stop // steps - 1 for stop in range(steps, 0, -1)]
    levels = pairwise([*(left[time] for time in times), 1.0])
    for time, (now, then) in zip(times, levels, strict=True):
        image = ((noised - sqrt(1 - now) * denoise(noised, time)) / sqrt(now)).clip(-1, 1)
        noise = (noised - sqrt(now) * image) / sqrt(1 - now)
        noised = sqrt(then) * image + sqrt(1 - then) * noise
    return noised


def together(pixels: Array) -> Array:
    """Images (N, C, H, W) as one (H', W', C): in nearly as many rows as columns, grey lines between them."""
    columns = isqrt(len(pixels) - 1) + 1
    rows = -(-len(pixels) // columns)
    empty = rows * columns - len(pixels)
    lined = np.pad(pixels, [(0, empty), (0, 0), (0, 1), (0, 1)], constant_values=0.5)
    _, channels, height, width = lined.shape
    apart = lined.reshape(rows, columns, channels, height, width)
    # (R, K, C, H, W) -> (R, H, K, W, C) -> (R H, K W, C)
    picture = apart.transpose(0, 3, 1, 4, 2).reshape(rows * height, columns * width, channels)
    return picture[:-1, :-1]


def write(pixels: Array, path: Path) -> None:
    """Write pixels as they are to a .npy, or as one picture, which takes matplotlib."""
    if path.suffix == ".npy":
        np.save(path, pixels)
        return
    from matplotlib import image

    picture = together(pixels)
    image.imsave(path, picture[..., 0] if picture.shape[2] == 1 else picture, cmap="gray", vmin=0, vmax=1)


def main() -> None:
    """Read the command line and write the file that it asks for."""
    parser = argparse.ArgumentParser(description="Sample images from an exported denoiser.")
    parser.add_argument("path", type=Path, help="the .onnx file")
    parser.add_argument("--count", type=int, default=16)
    parser.add_argument("--steps", type=int, default=50, help="of denoising, for each image")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("samples.png"), help="a .png or .npy file")
    asked = parser.parse_args()
    try:
        write(sample(asked.path, asked.count, asked.seed, steps=asked.steps), asked.out)
    except ValueError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
