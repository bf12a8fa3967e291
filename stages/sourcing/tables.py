"""Tables in CSV files of the user's own, packed or not."""

import codecs
import lzma
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from stages.core.checking import shown
from stages.core.errors import UserError
from stages.sourcing import encodings

Sign = Annotated[str, Field(min_length=1, max_length=1)]

_PACKED = {".gz": "gzip", ".bz2": "bz2", ".xz": "xz", ".zip": "zip"}
_REFUSED = {".7z", ".br", ".lz", ".lz4", ".lzma", ".rar", ".tar", ".tbz2", ".tgz", ".txz", ".z", ".zst"}
# Tables, but no text.
_OTHERS = {".feather", ".json", ".jsonl", ".ods", ".parquet", ".xls", ".xlsx"}

# In a header of one column, they are hardly part of its name.
_SEPARATORS = ",;\t|"

# What pandas and those who unpack for it raise where a file is not what its name says.
_BROKEN = (ValueError, OSError, EOFError, lzma.LZMAError, zipfile.BadZipFile, zlib.error)


def read(file: Path, *, separator: str, encoding: str, **options: Any) -> Any:
    """The file as a frame, by `pandas.read_csv` with those `options`.

    Raises:
        ValueError: it is not of that encoding, or has another separator.
        UserError: it is no table, has no header or no rows, or is packed in another way.
    """
    form = {"sep": separator, "encoding": encoding, "compression": _packing(file), "index_col": False}
    try:
        codecs.lookup(encoding)
    except (LookupError, ValueError) as error:
        raise encodings.mistaken(encoding, file, error) from error
    # By itself: below the header of one column, rows where the separator stands in a text do not fit.
    _check_header(list(_parsed(file, form | options | {"nrows": 0}).columns), file, separator)
    table = _parsed(file, form | options)
    if table.empty:
        raise UserError(f"{file.name} must hold rows, got a header alone")
    return table


def _parsed(file: Path, form: dict[str, Any]) -> Any:
    import pandas as pd

    try:
        with warnings.catch_warnings():
            # Rows longer than the header would only cost a warning.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(file, **form)
    except (LookupError, UnicodeError) as error:
        raise encodings.mistaken(form["encoding"], file, error) from error
    except (*_BROKEN, pd.errors.ParserWarning) as error:
        said = " ".join(str(error).split())
        raise UserError(f"{file.name} must be a table separated by {shown(form['sep'])}: {said}") from error


def _check_header(columns: list[str], file: Path, separator: str) -> None:
    if not "".join(columns).strip():
        raise UserError(f"{file.name} must begin with a header, got a blank line")
    if len(columns) == 1 and any(sign in columns[0] for sign in _SEPARATORS):
        told = f"whose header is {shown(columns[0])}, got {shown(separator)}"
        raise ValueError(f"separator must be that of {file.name}, {told}")


def _packing(file: Path) -> str | None:
    """How the file is packed, as pandas calls it."""
    endings = [ending.lower() for ending in file.suffixes]
    wrong = [
        *(one for one in endings[-2:] if one in _REFUSED),
        *(one for one in endings[-1:] if one in _OTHERS),
    ]
    if wrong:
        known = ", ".join(_PACKED)
        raise UserError(f"{file.name} must be one CSV file, packed as {known} or not at all, got {wrong[0]}")
    return _PACKED.get(file.suffix.lower())
