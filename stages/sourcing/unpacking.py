"""Archives unpacked into a folder: what would leave it, links and what has no room are refused."""

import lzma
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from stages.core.checking import shown
from stages.core.errors import UserError
from stages.sourcing.litter import is_litter

_TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_KNOWN = ", ".join((".zip", *_TARS))
# What the readers raise of an archive that is broken, or locked by a password.
_BROKEN = (
    *(zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error),
    *(EOFError, OSError, RuntimeError, ValueError),
)


class Entry(NamedTuple):
    """A file or folder in an archive; what is neither is not plain."""

    name: str
    size: int
    is_folder: bool
    is_plain: bool
    open: Callable[[], IO[bytes] | None]

    @property
    def path(self) -> PurePosixPath:
        """Where it goes; some archives from Windows have its separator."""
        return PurePosixPath(self.name.replace("\\", "/"))


def unpack(archive: Path, folder: Path) -> None:
    """Put what an archive in `folder` holds in its place, without hidden files and a folder around all.

    Raises:
        UserError: it is no such archive or broken, or is not to be trusted.
    """
    with _reading(archive) as entries:
        archive.unlink()  # open as it is, it can be read on; its name is free for what it holds
        kept = [entry for entry in entries if not is_litter(entry.path)]
        _check(kept, folder, archive.name)
        around = _around(kept)
        for entry in kept:
            if place := entry.path.parts[around:]:
                _write(entry, folder.joinpath(*place))


@contextmanager
def _reading(archive: Path) -> Iterator[list[Entry]]:
    name = archive.name.lower()
    try:
        if name.endswith(".zip"):
            with zipfile.ZipFile(archive) as packed:
                yield [_zipped(packed, info) for info in packed.infolist()]
        elif name.endswith(_TARS):
            with tarfile.open(archive) as tar:
                yield [_tarred(tar, member) for member in tar.getmembers()]
        else:
            raise UserError(f"{archive.name} must be a folder, or an archive named {_KNOWN}")
    except _BROKEN as error:
        if getattr(error, "errno", None):  # of the disk
            raise
        said = " ".join(str(error).split()) or type(error).__name__
        raise UserError(f"{archive.name} must be an archive that can be unpacked: {said}") from error


def _zipped(packed: zipfile.ZipFile, info: zipfile.ZipInfo) -> Entry:
    # The upper half has the mode of the file, where a Unix packed it.
    kind = stat.S_IFMT(info.external_attr >> 16)
    is_plain = kind in (0, stat.S_IFREG, stat.S_IFDIR)
    return Entry(info.filename, info.file_size, info.is_dir(), is_plain, partial(packed.open, info))


def _tarred(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Entry:
    is_plain = member.isfile() or member.isdir()
    return Entry(member.name, member.size, member.isdir(), is_plain, partial(tar.extractfile, member))


def _check(entries: list[Entry], folder: Path, name: str) -> None:
    files: set[PurePosixPath] = set()
    for entry in entries:
        if entry.path.is_absolute() or ".." in entry.path.parts or "\0" in entry.name:
            raise UserError(f"{name} must stay in its folder, got {shown(entry.name)}")
        if not entry.is_plain:
            raise UserError(f"{name} must hold files and folders alone, no links, got {shown(entry.name)}")
        if entry.name != entry.name.encode(errors="ignore").decode():
            raise UserError(f"{name} must name its files in UTF-8, as DVC does, got {shown(entry.name)}")
        if entry.path in files:
            raise UserError(f"{name} must hold a file once, got {shown(entry.name)} twice")
        if not entry.is_folder:
            files.add(entry.path)
    size, free = sum(entry.size for entry in entries), shutil.disk_usage(folder).free
    if size > free:
        raise UserError(f"{name} must unpack into the {free:,} bytes that the disk has left, got {size:,}")


def _around(entries: list[Entry]) -> int:
    """How many folders are around all: one or none."""
    names = {entry.path.parts[:1] for entry in entries}
    beside = [entry for entry in entries if not entry.is_folder and len(entry.path.parts) < 2]
    return int(len(names - {()}) == 1 and not beside)


def _write(entry: Entry, path: Path) -> None:
    if entry.is_folder:
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    content = entry.open()
    if content is None:
        raise tarfile.ReadError(f"{entry.name} has no content")
    with content, path.open("xb") as file:
        shutil.copyfileobj(content, file)
