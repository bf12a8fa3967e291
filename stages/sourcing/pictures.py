"""One picture of any form as pixels: upright, of one size, in colour or grey."""

import io
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Fit = Literal["crop", "squash", "pad"]
Channels = Literal[3, 1]

# What is seen through transparency and beside what is padded.
_GROUND = "white"
# It is handed to another program.
_UNREAD = ("EPS",)


class Form(NamedTuple):
    """What all pictures are brought to: a square of `size` pixels a side.

    crop: the short side to `size`, then the middle; squash: both sides; pad: the long side, on white.
    """

    size: int
    fit: Fit
    channels: Channels

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W)."""
        return self.channels, self.size, self.size


def decode(content: bytes, form: Form) -> NDArray[np.uint8]:
    """The pixels (C, H, W) of a picture file: of its first frame, turned as EXIF says, on white.

    Numbers of 16 bits keep their upper eight; colour profiles are not followed.

    Raises:
        ValueError: it has numbers of 32 bits, which have no white.
        Exception: Pillow cannot read it, or takes its size for a decompression bomb.
    """
    Image.init()
    image = Image.open(io.BytesIO(content), formats=[name for name in Image.ID if name not in _UNREAD])
    # Of a large JPEG only every second, fourth or eighth pixel is decoded, twice as many as are wanted.
    image.draft(None, (2 * form.size, 2 * form.size))
    ImageOps.exif_transpose(image, in_place=True)
    plain = _opaque(_eight_bits(image)).convert("L" if form.channels == 1 else "RGB")
    pixels = np.asarray(_fitted(plain, form)).reshape(form.size, form.size, form.channels)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode in ("I", "F"):
        raise ValueError("numbers of 32 bits have no white")
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    return image


def _opaque(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image
    ground = Image.new("RGBA", image.size, _GROUND)
    ground.alpha_composite(image.convert("RGBA"))
    return ground


def _fitted(image: Image.Image, form: Form) -> Image.Image:
    square, method = (form.size, form.size), Image.Resampling.BILINEAR
    match form.fit:
        case "crop":
            return ImageOps.fit(image, square, method)
        case "squash":
            return image.resize(square, method)
        case "pad":
            return ImageOps.pad(image, square, method, _GROUND)
