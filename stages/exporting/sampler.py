"""Images out of an exported denoiser, by numpy and onnxruntime alone: this file works wherever it is copied.

`python -m stages.exporting.sampler models/diffusion/onnx/denoiser.onnx --count 16 --seed 0 --out samples.png`
"""

import argparse
import json
import struct
import sys
import zlib
from collections.abc import Sequence
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
# What a PNG calls its colours (ISO/IEC 15948, 11.2.2), by the number of channels.
_COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}


def sample(path: Path, count: int, seed: int, *, steps: int = 50) -> Array:
    """Pixels in [0, 1] (count, C, H, W), by DDIM (Song et al. 2020, arXiv 2010.02502).

    Raises:
        OSError: the file is no denoiser.
        ValueError: an argument is out of its range.
    """
    session = _session(path)
    told = {key: json.loads(text) for key, text in session.get_modelmeta().custom_metadata_map.items()}
    most = len(told["alpha_bars"])
    if not 1 <= count < 2**31:
        raise ValueError(f"count must be from 1 to {2**31 - 1}, got {count}")
    if not 1 <= steps <= most:
        raise ValueError(f"steps must be from 1 to noise_steps ({most}), got {steps}")
    if seed < 0:
        raise ValueError(f"seed must be at least 0, got {seed}")
    random = np.random.default_rng(seed)
    pixels = np.empty((count, *told["spec"]["shape"]), np.float32)
    for some in np.split(pixels, range(_AT_ONCE, count, _AT_ONCE)):
        start = random.standard_normal(some.shape, dtype=np.float32)
        some[:] = (denoised(session, start, told["alpha_bars"], steps=steps) + 1) / 2
    return pixels


def _session(path: Path) -> Any:
    if not path.is_file():
        raise OSError(f"{path} must be a file, got {'a folder' if path.is_dir() else 'none'}")
    try:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own have nothing narrower in common
        raise OSError(f"{path} must be an ONNX file, got none that onnxruntime can read") from error
    if "alpha_bars" not in session.get_modelmeta().custom_metadata_map:
        inputs = ", ".join(given.name for given in session.get_inputs())
        raise OSError(f"{path} must be an exported denoiser, got a network that takes {inputs}")
    return session


def denoised(session: Any, start: Array, left: Sequence[float], *, steps: int) -> Array:
    """Images in [-1, 1] out of pure noise `start` (B, C, H, W), in `steps` of those that `left` (T) has.

    At each step the image that the noised one seems to hide is cut off at [-1, 1], then noised again with the
    noise that was found, as much as is left one step further down.
    """
    noised, times = start, [len(left) * stop // steps - 1 for stop in range(steps, 0, -1)]
    levels = pairwise([*(left[time] for time in times), 1.0])
    for time, (now, then) in zip(times, levels, strict=True):
        at = np.full(len(noised), time, np.int64)
        (noise,) = session.run(None, {"noised": noised, "steps": at})
        image = ((noised - sqrt(1 - now) * noise) / sqrt(now)).clip(-1, 1)
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


def png(picture: Array) -> bytes:
    """Pixels in [0, 1] (H, W, C) as a file."""
    height, width, channels = picture.shape
    levels = np.rint(255 * picture).astype(np.uint8).reshape(height, -1)
    head = struct.pack(">IIBBBBB", width, height, 8, _COLOURS[channels], 0, 0, 0)
    rows = np.pad(levels, [(0, 0), (1, 0)])  # before each its filter: none
    chunks = (b"IHDR" + head, b"IDAT" + zlib.compress(rows.tobytes()), b"IEND")
    framed = (struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


def check(path: Path) -> None:
    """Hold the path of what is to be written against what can be written there."""
    if path.is_dir():
        raise ValueError(f"out must be a file, got the folder {path}")
    if path.suffix not in (".png", ".npy"):
        raise ValueError(f"out must end in .png or .npy, got {path}")
    home = next(folder for folder in path.absolute().parents if folder.exists())
    if not home.is_dir():
        raise ValueError(f"out must lie in a folder, got {path}: {home} is a file")


def write(pixels: Array, path: Path) -> None:
    """Write pixels as they are to a .npy, or all of them as one picture; the folder is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npy":
        np.save(path, pixels)
    else:
        path.write_bytes(png(together(pixels)))


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
        check(asked.out)
        write(sample(asked.path, asked.count, asked.seed, steps=asked.steps), asked.out)
    except ValueError as error:
        sys.exit(f"error: --{error}")
    except MemoryError:
        sys.exit(f"error: --count must be of images that memory holds, got {asked.count}")
    except OSError as error:
        sys.exit(f"error: {error}")
    print(f"images sampled: {asked.count} -> {asked.out}")


if __name__ == "__main__":
    main()
