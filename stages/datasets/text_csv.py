"""Texts of your own: a CSV file with a header, one column of texts and one of labels.

It may be packed: .gz, .bz2, .xz and .zip are known by the name.
"""

from pathlib import Path
from typing import Any

from stages.core.checking import nearest, shown
from stages.core.errors import UserError
from stages.core.ranges import Digest
from stages.sourcing import own, tables, texts
from stages.sourcing.examples import Examples
from stages.sourcing.tables import Sign
from stages.sourcing.texts import encode

__all__ = ["encode", "fetch", "prepare"]


def fetch(folder: Path, *, path: str = "", url: str = "", sha256: Digest = "") -> None:
    """Copy the file at `path`, or download that of `url`."""
    own.fetch(folder, path=path, url=url, sha256=sha256, source="text_csv")


def prepare(
    folder: Path, *, text: str, label: str, separator: Sign = ",", encoding: str = "utf-8"
) -> Examples:
    """Read it.

    Args:
        text: the column of texts.
        label: the column of labels, each of which is a class.

    Raises:
        ValueError: an argument does not fit the file.
        UserError: the file is no such table, or a label is missing.
    """
    file = own.only_file(folder)
    # "NA" and "null" are words; what is missing is an empty text. Blank lines are dropped only here, so that
    # they count as rows.
    form = {"dtype": str, "keep_default_na": False, "skip_blank_lines": False}
    table = tables.read(file, separator=separator, encoding=encoding, **form)
    table = table[table.apply(lambda column: column.str.strip() != "").any(axis=1)]
    for key, column in (("text", text), ("label", label)):
        if column not in table:
            told = f"got {shown(column)}; {nearest(column, table.columns)}"
            raise ValueError(f"{key} must be a column of {file.name}, {told}")
    if label == text:
        raise ValueError(f"label must be another column than text, got {shown(label)}")
    return texts.classified(list(table[text]), _labels(table[label], file.name), given=file.name)


def _labels(column: Any, file: str) -> list[str]:
    labels = column.str.strip()
    if (missing := labels == "").any():
        # As a spreadsheet counts them, where the header is row 1.
        row = missing.index[missing][0] + 2
        got = (
            f"got none, and in {missing.sum():,} of {len(labels):,} rows" if missing.sum() > 1 else "got none"
        )
        raise UserError(f"{file}, row {row} (the header is row 1) must have a {column.name!r}, {got}")
    return list(labels)
