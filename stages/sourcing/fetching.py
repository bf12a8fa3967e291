"""Downloads: from a mirror or the official places, verified, resumed after a break, whole or not at all."""

import itertools
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from stages.core.errors import UserError
from stages.sourcing import streaming
from stages.sourcing.streaming import RefusalError

MIRROR = "DATA_MIRROR"  # a folder or a URL that holds <source>/<file>
PAUSES = (1.0, 4.0)  # seconds before each further attempt at one place
_CHUNK = 2**20  # bytes


@dataclass(frozen=True, slots=True)
class Remote:
    """A file of a source: its name there, its MD5 or SHA-256, and official URLs in the order to ask them.

    The digest is "" where the name itself says which file it is, as one with a commit does.
    """

    name: str
    digest: str
    urls: tuple[str, ...] = ()


@contextmanager
def downloads(remotes: Sequence[Remote], folder: Path, *, source: str) -> Iterator[list[Path]]:
    """The downloaded files, to be unpacked into `folder`; they are gone afterwards.

    What a break leaves of them stays beside `folder`, and the next run goes on from there.

    Raises:
        UserError: no place gives a file with the right checksum, or the disk is full.
    """
    store = folder.with_suffix(".downloads")
    try:
        yield [_fetch(remote, store / remote.name, source) for remote in remotes]
        shutil.rmtree(store)
    finally:
        inner = sorted(store.rglob("*/"), reverse=True)  # a folder stands behind what it holds
        for place in (*inner, store):
            with suppress(OSError):
                place.rmdir()  # goes only where it is empty


def mirrored(remotes: Sequence[Remote], *, source: str) -> bool:
    """Whether the mirror, where one is set, holds all of these files."""
    mirror = _mirror()
    return bool(mirror) and all(_holds(f"{mirror}/{source}/{remote.name}") for remote in remotes)


def _mirror() -> str:
    mirror = os.environ.get(MIRROR, "").rstrip("/")
    if mirror and not _is_url(mirror) and not (os.access(mirror, os.F_OK) and Path(mirror).is_dir()):
        raise UserError(f"{MIRROR} must be a folder or an http(s) URL, got {mirror!r}")
    return mirror


def _is_url(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def _holds(at: str) -> bool:
    return streaming.is_there(at) if _is_url(at) else os.access(at, os.R_OK) and Path(at).is_file()


def _fetch(remote: Remote, path: Path, source: str) -> Path:
    """The verified file at `path`, from the first place that gives it."""
    mirror = _mirror()
    places = ([f"{mirror}/{source}/{remote.name}"] if mirror else []) + list(remote.urls)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if remote.digest and path.is_file() and streaming.digest(path, like=remote.digest) == remote.digest:
            return path
        return _first(places, remote, path, source)
    except OSError as error:
        raise UserError(f"{source}: cannot write {path}: {error.strerror or error}") from error


def _first(places: list[str], remote: Remote, path: Path, source: str) -> Path:
    refusals = []
    for place in places:
        _tell(f"{source}: {remote.name} from {place}")
        try:
            return _persist(place, remote, path)
        except RefusalError as refusal:
            refusals.append(f"{place}: {refusal}")
            if place != places[-1]:
                _tell(f"{source}: not from {place}: {refusal}")
    raise UserError(f"{source}: cannot fetch {remote.name} from {'; nor from '.join(refusals)}")


def _persist(place: str, remote: Remote, path: Path) -> Path:
    for pause in PAUSES:
        try:
            return _attempt(place, remote, path)
        except RefusalError as refusal:
            if not refusal.again:
                raise
            _tell(f"{remote.name}: {refusal}; again in {pause:g} s")
            time.sleep(pause)
    return _attempt(place, remote, path)


def _attempt(place: str, remote: Remote, path: Path) -> Path:
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("ab") as file:
            if _is_url(place):
                said = streaming.stream(place, file, title=remote.name)
            else:
                said = _copy(Path(place), file)
        streaming.verify(partial, wanted=remote.digest or said, again=_is_url(place))
        return partial.replace(path)
    finally:
        if partial.exists() and not partial.stat().st_size:
            partial.unlink()


def _copy(original: Path, file: IO[bytes]) -> str:
    """Copy a file of a mirror, which says nothing of it."""
    chunks = _chunks(original)
    first = next(chunks, b"")  # where it cannot be read, what came before stays
    file.truncate(0)
    file.writelines(itertools.chain([first], chunks))
    return ""


def _chunks(original: Path) -> Iterator[bytes]:
    try:
        with original.open("rb") as content:
            while chunk := content.read(_CHUNK):
                yield chunk
    except FileNotFoundError as error:
        raise RefusalError("no such file", again=False) from error
    except OSError as error:
        raise RefusalError(f"cannot read it: {error.strerror}", again=False) from error


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
