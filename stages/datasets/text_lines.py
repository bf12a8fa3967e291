"""Texts of your own: a folder of .txt files, each named after its class, with a text in every line."""

import io
from pathlib import Path

from stages.core.errors import UserError
from stages.sourcing import encodings, own, texts
from stages.sourcing.examples import Examples
from stages.sourcing.texts import encode

__all__ = ["encode", "fetch", "prepare"]

_BYTE_ORDER_MARK = "\ufeff"


def fetch(folder: Path, *, path: str = "") -> None:
    """Copy the folder at `path`.

    Raises:
        ValueError: there is none.
    """
    if not path or not Path(path).is_dir():
        raise ValueError(f"path must be a folder of .txt files, got {path!r}")
    own.fetch(folder, path=path, url="", sha256="", source="text_lines")


def prepare(folder: Path, *, encoding: str = "utf-8") -> Examples:
    """Read its files in the order of their names.

    Raises:
        ValueError: a file is not of that encoding.
        UserError: there are less than two, or one is empty.
    """
    lines = {file.stem: _lines(file, encoding) for file in sorted(folder.glob("*.txt"))}
    labels = [name for name, found in lines.items() for _ in found]
    return texts.classified(
        [line for found in lines.values() for line in found], labels, given=f"the .txt files of {folder}"
    )


def _lines(file: Path, encoding: str) -> list[str]:
    try:
        content = file.read_bytes().decode(encoding).removeprefix(_BYTE_ORDER_MARK)
    except (LookupError, ValueError) as error:
        raise encodings.mistaken(encoding, file, error) from error
    if not content:
        raise UserError(f"{file.name} must hold a text, in a line of its own, got an empty file")
    return [line.rstrip("\n") for line in io.StringIO(content, newline=None)]
