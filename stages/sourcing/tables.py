"""Tables in CSV files of the user's own, packed or not."""

import codecs
import json
import lzma
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator

from stages.core.checking import shown
from stages.core.errors import UserError
from stages.sourcing import encodings

# What signs are called, and a tab where no quotes make one of it.
_CALLED = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|", "space": " "}


def _sign(text: str) -> str:
    if len(text) != 1:
        meant = _CALLED.get(text.lower())
        hint = f"; did you mean {json.dumps(meant)}?" if meant else ""
        raise ValueError(f'must be one sign, such as ";" or "\\t", got {shown(text)}{hint}')
    return text


Sign = Annotated[str, AfterValidator(_sign)]

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
    # As a row: of a column that is named twice, pandas calls the second otherwise.
    as_row = {"header": None, "nrows": 1, "dtype": str, "keep_default_na": False}
    _check_names(list(_parsed(file, form | options | as_row).iloc[0]), file)
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
    except pd.errors.EmptyDataError as error:
        raise UserError(f"{file.name} must begin with a header, got an empty file") from error
    except pd.errors.ParserWarning as error:
        raise _uneven(file, form["sep"], "rows are longer than the header") from error
    except pd.errors.ParserError as error:
        told = _told(error).removeprefix("Error tokenizing data. C error: ")
        raise _uneven(file, form["sep"], told) from error
    except _BROKEN as error:
        raise UserError(
            f"{file.name} must be a CSV file, packed as its name says or not at all: {_told(error)}"
        ) from error


def _uneven(file: Path, separator: str, told: str) -> UserError:
    rule = f"must be a table, the columns of each row parted by {shown(separator)} as those of the header"
    quoted = f'a text with that sign in it stands in quotes, as "one{separator} two"'
    return UserError(f"{file.name} {rule}: {told}; {quoted}")


def _told(error: Exception) -> str:
    return " ".join(str(error).split())


def _check_header(columns: list[str], file: Path, separator: str) -> None:
    if not "".join(columns).strip():
        raise UserError(f"{file.name} must begin with a header, got a blank line")
    if len(columns) == 1 and any(sign in columns[0] for sign in _SEPARATORS):
        right = json.dumps(max(_SEPARATORS, key=columns[0].count))
        told = f"whose header is {shown(columns[0])}, got {shown(separator)}"
        raise ValueError(f"separator (',' where none is set) must be {right} for {file.name}, {told}")


def _check_names(columns: list[str], file: Path) -> None:
    for place, name in enumerate(columns):
        if name.strip() and name in columns[:place]:
            raise UserError(f"{file.name} must name each column once in its header, got {shown(name)} twice")


def refuse(column: Any, wrong: Any, rule: str, file: str, hint: str = "") -> None:
    """Tell the first of a column's wrong values, if there are any; its index are the numbers of the lines.

    Raises:
        UserError: there are.
    """
    if not wrong.any():
        return
    line = column.index[wrong][0]
    others = f", the first of {wrong.sum():,} such" if wrong.sum() > 1 else ""
    value = "" if column.isna()[line] else column.astype("object")[line]
    got = f"got {shown(value)}{others}"
    raise UserError(f"{file}, line {line}: {column.name!r} {rule}, {got}{hint}")


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
