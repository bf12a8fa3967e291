"""Folders: filled whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stages.core.errors import UserError


@contextmanager
def filling(folder: Path) -> Iterator[Path]:
    """An empty folder to fill; it takes the place of `folder` only once it is complete and on disk.

    Raises:
        UserError: the disk is full or the place cannot be written, or what it is filled from cannot be read;
            `folder` is then as it was.
    """
    partial, before = (folder.with_name(folder.name + ending) for ending in (".part", ".before"))
    with _told(folder), _empty(before), _empty(partial):
        partial.mkdir(parents=True)
        yield partial
        for path in (path for path in partial.rglob("*") if path.is_file()):
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        if folder.exists():
            folder.replace(before)
        partial.replace(folder)


@contextmanager
def passing(folder: Path) -> Iterator[Path]:
    """An empty folder that is gone afterwards, with the one around it where nothing else is in that.

    Raises:
        UserError: the disk is full or the place cannot be written, or what it is filled from cannot be read.
    """
    try:
        with _told(folder), _empty(folder):
            folder.mkdir(parents=True)
            yield folder
    finally:
        with suppress(OSError):
            folder.parent.rmdir()


def held(folder: Path) -> str:
    """How much a folder holds, in words."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return f"{len(sizes):,} {'file' if len(sizes) == 1 else 'files'}, {sum(sizes):,} bytes"


@contextmanager
def _empty(place: Path) -> Iterator[None]:
    """Nothing at `place` before, where a killed process may have left something, nor after."""
    shutil.rmtree(place, ignore_errors=True)
    try:
        yield
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = Path(error.filename or folder)
        does = "write" if place.absolute().is_relative_to(folder.parent.absolute()) else "read"
        raise UserError(f"cannot {does} {place}: {error.strerror or error}") from error
