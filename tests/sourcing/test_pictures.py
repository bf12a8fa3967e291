"""One picture: every form that comes in, and the pixels that go out."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from stages.sourcing import pictures
from stages.sourcing.pictures import Channels, Fit, Form
from tests.photos import BLUE, BROKEN, GREEN, RED, WHITE, packed, photo, pixels
from tests.samples import ROOT

Array = NDArray[np.uint8]


def decode(content: bytes, *, size: int = 8, fit: Fit = "squash", channels: Channels = 3) -> Array:
    found = pictures.decode(content, Form(size, fit, channels))
    assert (found.dtype, found.shape) == (np.uint8, (channels, size, size))
    return found


def square(array: NDArray[Any]) -> Array:
    """Pixels (8, 8, 3) as they are decoded where nothing is resized."""
    return array.transpose(2, 0, 1)


SQUARE = pixels(8, 8)
IMAGE = Image.fromarray(SQUARE)


@pytest.mark.parametrize(
    ("form", "options"),
    [
        *(("PNG", {}), ("BMP", {}), ("TIFF", {}), ("PPM", {}), ("TGA", {}), ("QOI", {}), ("PCX", {})),
        *(("WEBP", {"lossless": True}), ("JPEG2000", {}), ("TIFF", {"compression": "tiff_lzw"})),
    ],
)
def test_a_lossless_format_keeps_every_pixel(form: str, options: dict[str, Any]) -> None:
    np.testing.assert_array_equal(decode(packed(IMAGE, form, **options)), square(SQUARE))


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "AVIF", "MPO"])
def test_a_lossy_format_keeps_them_nearly(form: str) -> None:
    found = decode(packed(Image.fromarray(pixels(64, 64)), form, quality=95), size=64)
    assert np.abs(found.astype(int) - square(pixels(64, 64))).mean() < 4


def moded(mode: str) -> Image.Image:
    """The image in that mode; Pillow takes pixels for LAB as they are."""
    return Image.frombytes(mode, IMAGE.size, IMAGE.tobytes()) if mode == "LAB" else IMAGE.convert(mode)


@pytest.mark.parametrize("mode", ["1", "L", "P", "YCbCr", "LAB", "CMYK", "RGB", "RGBX"])
def test_every_mode_comes_as_what_pillow_shows_of_it(mode: str) -> None:
    image = moded(mode)
    form = "TIFF" if mode in ("YCbCr", "LAB", "CMYK", "RGBX") else "PNG"
    shown = np.asarray(image.convert("RGB"))
    np.testing.assert_allclose(decode(packed(image, form)).astype(int), square(shown), atol=2)


def test_a_cmyk_photo_has_the_colours_of_the_same_in_rgb() -> None:
    big = Image.fromarray(pixels(64, 64))
    found, wanted = (decode(packed(big.convert(mode), "JPEG", quality=95)) for mode in ("CMYK", "RGB"))
    assert np.abs(found.astype(int) - wanted).mean() < 4


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_of_sixteen_bits_the_upper_eight_are_kept(form: str, order: str) -> None:
    wide = np.arange(64, dtype=np.uint16).reshape(8, 8) * 1040
    found = decode(packed(Image.fromarray(wide.astype(f"{order}u2")), form))
    np.testing.assert_array_equal(found, np.stack([wide >> 8] * 3))
    assert found.max() == 255


def faded(mode: str, alpha: int) -> bytes:
    image = Image.new("RGBA", (8, 8), (*RED, alpha))
    return packed(image.convert("LA").convert(mode) if mode in ("LA", "PA") else image, "PNG")


@pytest.mark.parametrize(("alpha", "wanted"), [(0, WHITE), (255, RED), (51, (255, 204, 204))])
def test_what_is_transparent_shows_white(alpha: int, wanted: tuple[int, int, int]) -> None:
    found = decode(packed(Image.new("RGBA", (8, 8), (*RED, alpha))))
    np.testing.assert_array_equal(found, np.broadcast_to(np.array(wanted)[:, None, None], found.shape))


def test_what_is_transparent_in_grey_or_by_a_palette_shows_white_too() -> None:
    assert decode(packed(Image.new("LA", (8, 8), (0, 0)))).min() == 255
    assert decode(packed(Image.new("L", (8, 8)), transparency=0)).min() == 255
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([*RED, *GREEN])
    assert decode(packed(palette, transparency=1)).min() == 255
    assert decode(packed(palette, "GIF", transparency=1)).min() == 255
    np.testing.assert_array_equal(decode(packed(palette, transparency=0))[:, 0, 0], GREEN)


# What makes a stored picture upright, by its EXIF orientation (JEITA CP-3451, tag 274).
UPRIGHT: dict[int, Callable[[Array], Array]] = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: np.rot90,
}


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[274] = orientation
    return exif


@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", UPRIGHT)
def test_a_picture_is_turned_as_exif_says(orientation: int, form: str) -> None:
    options = {"lossless": True} if form == "WEBP" else {}
    found = decode(packed(IMAGE, form, exif=turned(orientation), **options))
    np.testing.assert_array_equal(found, square(UPRIGHT[orientation](SQUARE)))


@pytest.mark.parametrize("fit", ["crop", "squash", "pad"])
@pytest.mark.parametrize("orientation", UPRIGHT)
def test_a_turned_photo_is_what_pillow_turns_upright(orientation: int, fit: Fit) -> None:
    content = packed(Image.fromarray(pixels()), "JPEG", exif=turned(orientation))
    upright = packed(ImageOps.exif_transpose(Image.open(io.BytesIO(content))))
    np.testing.assert_array_equal(decode(content, size=16, fit=fit), decode(upright, size=16, fit=fit))


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame_is_taken(form: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, GREEN, BLUE)]
    options = {"lossless": True} if form == "WEBP" else {}
    content = packed(frames[0], form, save_all=True, append_images=frames[1:], **options)
    assert Image.open(io.BytesIO(content)).n_frames == 3
    np.testing.assert_array_equal(decode(content)[:, 4, 4], RED)


BANDS = np.repeat(np.array([[RED, GREEN, BLUE]], np.uint8).repeat(30, axis=0), 30, axis=1)  # (30, 90, 3)


@pytest.mark.parametrize("turn", [False, True])
def test_crop_keeps_the_middle_squash_all_of_it_and_pad_sets_it_on_white(turn: bool) -> None:
    content = packed(Image.fromarray(BANDS.transpose(1, 0, 2) if turn else BANDS))
    crop, squash, pad = (
        decode(content, size=9, fit=fit).transpose((1, 2, 0) if turn else (2, 1, 0))  # (long, short, C)
        for fit in ("crop", "squash", "pad")
    )
    assert (crop[1:-1] == GREEN).all()
    for place, colour in ((1, RED), (4, GREEN), (7, BLUE)):
        assert (squash[place] == colour).all()
        assert (pad[place, 4] == colour).all()
    assert (pad[:, [0, 1, 7, 8]] == WHITE).all()


def test_a_crop_is_the_short_side_brought_to_size_and_the_middle_of_it() -> None:
    image = Image.fromarray(pixels(60, 90))
    resized = image.resize((30, 20), Image.Resampling.BILINEAR).crop((5, 0, 25, 20))
    found = decode(packed(image), size=20, fit="crop")
    np.testing.assert_allclose(found.astype(int), square(np.asarray(resized)), atol=1)


def test_a_small_picture_is_enlarged() -> None:
    assert (decode(packed(Image.new("RGB", (1, 2), RED)), size=16) == np.array(RED)[:, None, None]).all()


def test_grey_has_one_channel_of_the_brightness() -> None:
    found = decode(packed(IMAGE), channels=1)
    np.testing.assert_array_equal(found[0], np.asarray(IMAGE.convert("L")))


def test_lab_comes_as_grey_by_rgb() -> None:
    lab = moded("LAB")
    found = decode(packed(lab, "TIFF"), channels=1)
    np.testing.assert_array_equal(found[0], np.asarray(lab.convert("RGB").convert("L")))


def test_a_large_photo_read_in_part_is_what_it_is_read_whole() -> None:
    image = Image.fromarray(pixels(600, 800))
    draft, whole = (decode(packed(image, form), size=32, fit="crop") for form in ("JPEG", "PNG"))
    assert np.abs(draft.astype(int) - whole).mean() < 2


def test_no_more_is_loaded_of_pillow_than_a_picture_needs() -> None:
    code = "import sys; from stages.sourcing import pictures\n"
    code += f"for content in {[packed(IMAGE), packed(IMAGE, 'TGA')]}:\n"
    code += "    pictures.decode(content, pictures.Form(8, 'squash', 3))\n"
    code += "    print('PIL.TgaImagePlugin' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "False\nTrue\n"


@pytest.mark.parametrize("wrong", BROKEN)
@pytest.mark.filterwarnings("ignore")
def test_what_is_no_whole_picture_is_not_decoded(wrong: str) -> None:
    with pytest.raises(Exception):  # noqa: B017  whatever Pillow raises
        decode(BROKEN[wrong][0])


TOLD = {
    "photo": photo(),
    "turned": packed(Image.fromarray(pixels()), "JPEG", exif=turned(6)),
    "large": packed(Image.fromarray(pixels(600, 800)), "JPEG"),
    "cmyk": packed(Image.fromarray(pixels()).convert("CMYK"), "JPEG"),
    "faded": packed(Image.new("RGBA", (20, 30), (*RED, 51))),
    "lab": packed(moded("LAB"), "TIFF"),
    "palette": packed(Image.fromarray(pixels()).convert("P"), transparency=3),
    "wide": packed(Image.fromarray(np.arange(64, dtype=np.uint16).reshape(8, 8) * 1040)),
    "moving": packed(Image.new("RGB", (9, 8), RED), "GIF", save_all=True, append_images=[IMAGE]),
}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("fit", ["crop", "squash", "pad"])
@pytest.mark.parametrize("name", TOLD)
def test_the_steps_that_are_told_give_the_same_pixels_without_this_code(
    name: str, fit: Fit, channels: Channels
) -> None:
    reading = json.loads(json.dumps(Form(16, fit, channels).reading))
    known = {"Image": Image, "ImageOps": ImageOps, "np": np, "file": io.BytesIO(TOLD[name]), **reading}
    exec("\n".join(reading["steps"]), known)
    np.testing.assert_array_equal(known["pixels"], decode(TOLD[name], size=16, fit=fit, channels=channels))


def test_the_same_file_gives_the_same_pixels() -> None:
    np.testing.assert_array_equal(decode(photo()), decode(photo()))
