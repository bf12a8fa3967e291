"""One picture of any form as pixels: upright, of one size, in colour or grey."""

import io
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

Fit = Literal["crop", "squash", "pad"]
Channels = Literal[3, 1]

# What is seen through transparency and beside what is padded.
_GROUND = "white"
# It is handed to another program.
_UNREAD = ("EPS",)

# What `decode` does, for those who have it not: Python by Pillow and numpy.
_STEPS = (
    "image = Image.open(file)  # by Pillow; of what moves the first frame",
    "image.draft(None, (2 * side, 2 * side))  # of a large JPEG fewer pixels are decoded",
    "image = ImageOps.exif_transpose(image)  # upright",
    "if image.mode.startswith('I;16'): image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))",
    "if image.mode == 'LAB': image = image.convert('RGB')",
    f"ground = Image.new('RGBA', image.size, {_GROUND!r})  # what is seen through transparency",
    "if image.has_transparency_data: image = Image.alpha_composite(ground, image.convert('RGBA'))",
    "image = image.convert(mode)",
)
_FITTED = {
    "crop": "ImageOps.fit(image, (side, side), Image.Resampling.BILINEAR)  # the middle of it",
    "squash": "image.resize((side, side), Image.Resampling.BILINEAR)  # all of it",
    "pad": f"ImageOps.pad(image, (side, side), Image.Resampling.BILINEAR, {_GROUND!r})  # all, and {_GROUND}",
}
_PIXELS = "pixels = np.asarray(image).reshape(side, side, -1).transpose(2, 0, 1)  # (channels, height, width)"


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

    @property
    def mode(self) -> str:
        """What Pillow calls its colours."""
        return "L" if self.channels == 1 else "RGB"

    @property
    def reading(self) -> dict[str, Any]:
        """How a file becomes pixels, as `spec.Facts` has it."""
        steps = [*_STEPS, f"image = {_FITTED[self.fit]}", _PIXELS]
        return {"side": self.size, "fit": self.fit, "mode": self.mode, "steps": steps}


def decode(content: bytes, form: Form) -> NDArray[np.uint8]:
    """The pixels (C, H, W) of a picture file: of its first frame, turned as EXIF says, on white.

    Numbers of 16 bits keep their upper eight; colour profiles are not followed.

    Raises:
        ValueError: it has numbers of 32 bits, which have no white.
        Exception: Pillow cannot read it, or takes its size for a decompression bomb.
    """
    image = _opened(io.BytesIO(content))
    # Of a large JPEG only every second, fourth or eighth pixel is decoded, twice as many as are wanted.
    image.draft(None, (2 * form.size, 2 * form.size))
    ImageOps.exif_transpose(image, in_place=True)
    plain = _opaque(_common(image)).convert(form.mode)
    pixels = np.asarray(_fitted(plain, form)).reshape(form.size, form.size, form.channels)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _opened(file: io.BytesIO) -> Image.Image:
    """A picture of a common format, as Pillow itself tries these first: to load all others takes a while."""
    try:
        Image.preinit()
        return Image.open(file, formats=_formats())
    except UnidentifiedImageError:
        Image.init()
        return Image.open(file, formats=_formats())


def _formats() -> list[str]:
    """Those that are loaded and read."""
    return [name for name in Image.ID if name not in _UNREAD]


def _common(image: Image.Image) -> Image.Image:
    """Of a mode of eight bits that Pillow brings to all others."""
    if image.mode in ("I", "F"):
        raise ValueError("numbers of 32 bits have no white")
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    return image.convert("RGB") if image.mode == "LAB" else image


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
