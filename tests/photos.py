"""Pictures that tests draw: whole ones of every form, and what is none."""

import io
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def pixels(height: int = 30, width: int = 40, *, seed: int = 0) -> NDArray[np.uint8]:
    """Soft colours (H, W, 3) that are nowhere the same."""
    small = np.random.RandomState(seed).randint(0, 256, (3, 4, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def packed(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    """The image as a file of a format that Pillow writes."""
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def photo(*, seed: int = 0) -> bytes:
    """A JPEG."""
    return packed(Image.fromarray(pixels(seed=seed)), "JPEG", quality=90)


def bomb() -> bytes:
    """A PNG of some bytes that says that it has 900 million pixels."""
    head = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    chunks = (head, b"IDAT" + zlib.compress(bytes(99)))
    framed = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


# What is wrong -> content, and what is said of it.
BROKEN: dict[str, tuple[bytes, str]] = {
    "truncated": (photo()[:-40], "truncated"),
    "page": (b"<!doctype html><html><body>404 Not Found</body></html>", "^no picture of a known format$"),
    "empty": (b"", "^empty$"),
    "bomb": (bomb(), "decompression bomb"),
    "damaged": (packed(Image.fromarray(pixels())).replace(b"IDATx", b"IDATy"), "broken"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "^no picture of a known format$"),
    "wide": (packed(Image.new("I", (9, 9)), "TIFF"), "^numbers of 32 bits have no white$"),
    "floating": (packed(Image.new("F", (9, 9)), "TIFF"), "^numbers of 32 bits have no white$"),
}


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Put files below `folder`, by their paths."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def folders(classes: Mapping[str, int], *, seed: int = 0, around: str = "") -> dict[str, bytes]:
    """As many photos of each class as it says, no two alike, by their paths."""
    names = [f"{around}{name}/{n:03}.jpg" for name, count in classes.items() for n in range(count)]
    return {name: photo(seed=seed + place) for place, name in enumerate(names)}
