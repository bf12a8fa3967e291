"""A series of your own: a CSV file with a header, a row for each step, one column of time stamps."""

from pathlib import Path

from stages.core.ranges import Digest
from stages.sourcing import own
from stages.sourcing.csv_series import prepare
from stages.sourcing.series import encode

__all__ = ["encode", "fetch", "prepare"]


def fetch(folder: Path, *, path: str = "", url: str = "", sha256: Digest = "") -> None:
    """Copy the file at `path`, or download that of `url`."""
    own.fetch(folder, path=path, url=url, sha256=sha256, source="series_csv")
