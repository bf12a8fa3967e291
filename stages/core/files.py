"""Writing: whole or not at all."""

import csv
import hashlib
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stages.core.errors import UserError

if TYPE_CHECKING:
    from stages.core.layout import Writable

_UMASK = os.umask(0)
os.umask(_UMASK)
_MODE = 0o666 & ~_UMASK


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to; its file takes the place of `path` only once it is complete and on disk.

    Raises:
        UserError: the disk is full or the place cannot be written; `path` is then as it was.
    """
    # Of this process alone: two experiments may come to save the same checkpoint.
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.chmod(_MODE)  # libraries that write on their own choose modes of their own
        partial.replace(path)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            partial.unlink()


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text."""
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON as a person reads it. NaN and infinity are refused: they are no JSON."""
    write_text(path, json.dumps(content, indent=2, allow_nan=False) + "\n")


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table; floats with six significant digits."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([f"{v:.6g}" if isinstance(v, float) else v for v in row] for row in rows)
    write_text(path, table.getvalue())


def write_tensors(
    path: Path, tensors: "Mapping[str, Writable]", *, said: Mapping[str, str] | None = None
) -> str:
    """Write arrays, or tensors of torch, and what is `said` beside them, as safetensors.

    Returns:
        The SHA-256 of the file.

    Raises:
        UserError: one of them is none that safetensors can hold.
    """
    from concurrent.futures import ThreadPoolExecutor

    from stages.core import layout

    try:
        layout.check(tensors)
    except ValueError as error:
        raise UserError(f"cannot write {path}: {error}") from error
    known = hashlib.sha256()
    with replacing(path) as partial, partial.open("wb") as file, ThreadPoolExecutor(1) as aside:
        counted = aside.submit(known.update, b"")
        for piece in layout.contents(tensors, said or {}):
            counted.result()
            counted = aside.submit(known.update, piece)  # while it is written and the next one is read
            file.write(piece)
    return known.hexdigest()


def read_json(path: Path, *, made_by: str) -> Any:
    """Read JSON that an earlier stage wrote.

    Raises:
        UserError: the file is missing; the message names the stage that makes it.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path} is missing: run `dvc repro {made_by}` first") from None


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
