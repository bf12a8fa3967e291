"""A file or folder of the user's own, or one from an address of theirs, put into the folder of a data set."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from stages.core import choices, chosen, rooms
from stages.core.blocks import NOTHING, Dataset, Pretrained
from stages.core.checking import near, shown
from stages.core.errors import UserError
from stages.sourcing import fetching, given
from stages.sourcing.fetching import Remote
from stages.sourcing.litter import is_litter


def fetch(folder: Path, *, path: str, url: str, sha256: str, source: str) -> None:
    """Copy the file at `path` or all that its folder holds, or download `url`; files keep their names.

    "" stands for what is not given.

    Raises:
        ValueError: neither or both are given, or one of `url` and `sha256` without the other; or nothing
            lies at `path`, or the file is empty.
        UserError: what lies there cannot be read; no place gives the file of `url`.
    """
    if not path and not url:
        raise ValueError(f"url must be an address, as no path of your own is set for {source}, got ''")
    if path and (url or sha256):
        key, value = ("url", url) if url else ("sha256", sha256)
        raise ValueError(f"{key} must not be given beside path ({shown(path)}), got {shown(value)}")
    if path:
        _copy(Path(path), folder)
    elif not sha256:
        raise ValueError("sha256 must be the 64 hex digits that go with url, got ''")
    else:
        there = remote(url, sha256)
        with fetching.downloads([there], folder, source=source) as (file,):
            file.rename(folder / there.name)
        _check_full(folder / there.name, key="url", value=url)


def call(make: Callable[..., Any], folder: Path, block: Dataset | Pretrained, *, at: str) -> Any:
    """The `fetch` of a source with all that a block has for it, its path too.

    Args:
        at: where the block stands in params.yaml.

    Raises:
        UserError: the source takes no path, nothing lies there, or what `rooms.call` refuses.
    """
    if block.path == NOTHING:
        # The folder is still to be filled: its name would say nothing.
        with given.as_given(folder, str(block.fetching.get("url", block.source)), at=at):
            return rooms.call(make, folder, arguments=block.fetching, at=f"{at}.fetch")
    check_path(make, block, at=at)
    with given.as_given(folder, block.path, at=at):
        return rooms.call(make, folder, arguments=block.fetching, at=f"{at}.fetch")


def check_path(make: Callable[..., Any], block: Dataset | Pretrained, *, at: str) -> None:
    """Hold the path of a block against the `fetch` of its source, and against what lies there.

    Raises:
        UserError: the source takes no path, or nothing lies there.
    """
    if told := chosen.unread(block, choices.keywords(make, evaluated=False)):
        raise UserError(f"{at}.{told}")
    if block.path != NOTHING and not Path(block.path).exists():
        told = f"got {shown(block.path)}{_instead(Path(block.path))}"
        raise UserError(f"{at}.path must be a file or folder that is there, {told}")


def only_file(folder: Path) -> Path:
    """The one file under `folder`.

    Raises:
        UserError: there is none, or more than one.
    """
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    if len(found) != 1:
        names = [str(path.relative_to(folder)) for path in found[:3]] + (["…"] if len(found) > 3 else [])
        remedy = f": {', '.join(names)}; set `path` to one of these files" if found else ""
        raise UserError(f"{folder} must hold one file, got {len(found):,}{remedy}")
    return found[0]


def remote(url: str, sha256: str, *, key: str = "url") -> Remote:
    """The file at an address, which stands at `key` of params.yaml; it is called as its path ends.

    Raises:
        ValueError: `url` is no such address.
    """
    name = Path(unquote(urlsplit(url).path)).name
    if not url.startswith(("http://", "https://")) or not name.strip("."):
        raise ValueError(f"{key} must be the http(s) address of a file, got {shown(url)}")
    return Remote(name, sha256, (url,))


def _instead(path: Path) -> str:
    """What may be meant by a path that leads nowhere, of all that lies beside it."""
    if not path.parent.is_dir():
        return f"; there is no folder {shown(str(path.parent))} either"
    close = near(path.name, [other.name for other in path.parent.iterdir() if other.exists()])
    return f"; did you mean {shown(str(path.with_name(close)))}?" if close else ""


def _copy(original: Path, folder: Path) -> None:
    if not original.exists():
        raise ValueError(f"path must be a file or folder that is there, got {shown(str(original))}")
    if original.is_file():
        _copy_file(original, folder / original.name)
        _check_full(folder / original.name, key="path", value=str(original))
        return
    # A folder stands before what it holds.
    for path in sorted(original.rglob("*")):
        place = path.relative_to(original)
        if is_litter(place):
            continue
        if path.is_symlink() and path.is_dir():
            raise UserError(f"{path} must be a folder itself, got a link to one")
        if path.is_dir():
            (folder / place).mkdir()
        elif path.is_file() or path.is_symlink():
            _copy_file(path, folder / place)


def _check_full(file: Path, *, key: str, value: str) -> None:
    if not file.stat().st_size:
        raise ValueError(f"{key} must be a file that holds something, got {shown(value)}, which is empty")


def _copy_file(original: Path, copy: Path) -> None:
    try:
        content = original.open("rb")
    except OSError as error:
        raise UserError(f"cannot read {original}: {error.strerror}") from error
    with content, copy.open("wb") as file:
        shutil.copyfileobj(content, file)
