"""Pictures of your own: a folder for each class, and around these one for each split or none.

    photos/train/ants/1.jpg        photos/ants/1.jpg
    photos/train/bees/2.png        photos/bees/2.png
    photos/test/ants/3.webp
    photos/test/bees/4.jpg

Left: where a split has no folder, its share of train is held out. Right: all of them are.
"""

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from stages.core.checking import shown
from stages.core.errors import UserError
from stages.core.ranges import Digest
from stages.sourcing import class_folders, decoding, given, own, unpacking
from stages.sourcing.class_folders import Files
from stages.sourcing.decoding import Decoded
from stages.sourcing.examples import Examples, Labelled
from stages.sourcing.images import encode
from stages.sourcing.pictures import Channels, Fit, Form

__all__ = ["encode", "fetch", "prepare"]

Pixels = Annotated[int, Field(ge=1, le=4096)]

_NAMED = 20  # in a message: so many can be mended at once


def fetch(folder: Path, *, path: str = "", url: str = "", sha256: Digest = "") -> None:
    """Copy the folder at `path`, or unpack the archive there or at `url`.

    Raises:
        UserError: it is neither a folder nor such an archive, or a folder in it is empty.
    """
    own.fetch(folder, path=path, url=url, sha256=sha256, source="image_folder")
    if not path or not Path(path).is_dir():
        unpacking.unpack(own.only_file(folder), folder)
    if empty := sorted(inner for inner in folder.rglob("*") if inner.is_dir() and not any(inner.iterdir())):
        raise UserError(f"{empty[0]} must hold files or be taken away, got an empty folder")


def prepare(
    folder: Path,
    *,
    side: Pixels = 224,
    fit: Fit = "crop",
    channels: Channels = 3,
    train: str = "train",
    val: str = "val",
    test: str = "test",
    broken: Literal["refuse", "skip"] = "refuse",
) -> Examples:
    """Decode the pictures; they stay on disk.

    Args:
        side: pixels of either side; smaller pictures are enlarged.
        fit: crop the middle of the picture, squash all of it, or pad it with white.
        channels: 3 for colour, 1 for grey.
        train, val, test: the folders of the splits: `test: val` where val is the official test split.
        broken: what becomes of files that cannot be read.

    Raises:
        ValueError: there is no such folder.
        UserError: the folder is not laid out so, or a file cannot be read.
    """
    found = class_folders.read(folder, train=train, val=val, test=test)
    files = [file for by_class in found.values() for each in by_class.values() for file in each]
    form = Form(side, fit, channels)
    decoded = decoding.decode(files, form, title=folder.name)
    _tell(folder, decoded.broken, len(files), is_skipping=broken == "skip")
    return Examples(tuple(found["train"]), **_labelled(folder, found, decoded), reading=form.reading)


def _tell(folder: Path, broken: dict[Path, str], count: int, *, is_skipping: bool) -> None:
    """Refuse files that cannot be read, or say which are left out."""
    if not broken:
        return
    some = [f"{shown(str(file.relative_to(folder)))} ({why})" for file, why in list(broken.items())[:_NAMED]]
    named = f"{', '.join(some)}{', …' if len(broken) > _NAMED else ''}"
    found = f"{len(broken):,} of {count:,} files"
    if not is_skipping:
        rule = "must hold pictures that can be read, or else `broken: skip` leaves them out"
        raise UserError(f"{folder} {rule}, got {found} that cannot: {named}")
    given.say(f"{folder}: {found} left out, as they cannot be read: {named}")


def _labelled(folder: Path, found: dict[str, Files], decoded: Decoded) -> dict[str, Labelled]:
    """The decoded pictures of each split, which lie behind each other."""
    sizes = {split: [len(files) for files in by_class.values()] for split, by_class in found.items()}
    labels = np.concatenate([np.repeat(np.arange(len(each)), each) for each in sizes.values()])
    borders = np.searchsorted(decoded.rows, np.cumsum([0, *map(sum, sizes.values())]))
    parts = {}
    for split, first, last in zip(found, borders, borders[1:], strict=False):
        parts[split] = Labelled(decoded.x[first:last], labels[decoded.rows[first:last]])
        for label, name in enumerate(found[split]):
            if label not in parts[split].y:
                raise UserError(f"{folder}: of {shown(name)} in {split} no picture can be read")
    return parts
