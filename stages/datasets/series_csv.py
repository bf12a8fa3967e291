"""A series of your own: a CSV file with a header, a row for each step, one column of time stamps."""

from pathlib import Path
from typing import Literal

from stages.sourcing import csv_series, own
from stages.sourcing.examples import Record
from stages.sourcing.series import encode
from stages.sourcing.tables import Sign

__all__ = ["encode", "fetch", "prepare"]


def fetch(folder: Path, *, path: str = "", url: str = "", sha256: str = "") -> None:
    """Copy the file at `path`, or download that of `url`."""
    own.fetch(folder, path=path, url=url, sha256=sha256, source="series_csv")


def prepare(
    folder: Path,
    *,
    time: str,
    frequency: str,
    time_format: str = "ISO8601",
    columns: tuple[str, ...] = (),
    separator: Sign = ",",
    encoding: str = "utf-8",
    missing: Literal["refuse", "interpolate"] = "refuse",
) -> Record:
    """Read it.

    Args:
        time: the column of time stamps, in the form `time_format` (as strptime has it, or ISO8601).
        frequency: from one step to the next, as pandas calls it: h, 15min, D, MS.
        columns: those to take; all others than `time` where none is named.
        missing: what becomes of missing values and steps; `interpolate` fills them linearly in time.
    """
    return csv_series.read(
        own.only_file(folder),
        time=time,
        frequency=frequency,
        time_format=time_format,
        columns=columns,
        separator=separator,
        encoding=encoding,
        missing=missing,
    )
