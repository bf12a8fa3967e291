"""ETTh1: two years of an electricity transformer in China, hour by hour: six loads and the oil temperature.

Val and test are the official four months each, behind a year to train on; the rest is not used. CC BY-ND 4.0.
Paper: Zhou et al. 2021 (arXiv 2012.07436), https://github.com/zhouhaoyi/ETDataset
"""

from dataclasses import replace
from pathlib import Path

from stages.sourcing import csv_series, own
from stages.sourcing.examples import Record
from stages.sourcing.series import encode

__all__ = ["encode", "fetch", "prepare"]

_URL = "https://raw.githubusercontent.com/zhouhaoyi/ETDataset/main/ETT-small/ETTh1.csv"
_SHA256 = "f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066"
_MONTH = 30 * 24  # hours


def fetch(folder: Path) -> None:
    """Download the official file."""
    own.fetch(folder, path="", url=_URL, sha256=_SHA256, source="ett")


def prepare(folder: Path) -> Record:
    """Read it."""
    record = csv_series.prepare(folder, time="date", frequency="h")
    return replace(record, borders=(12 * _MONTH, 16 * _MONTH, 20 * _MONTH))
