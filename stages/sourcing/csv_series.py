"""A series in a CSV file with a header: a row for each step, and in one column its time stamp.

Whatever is wrong with it is told with its place: nothing is sorted, dropped or filled unasked.
"""

from pathlib import Path
from typing import Any, Literal

import numpy as np

from stages.core.checking import nearest, shown
from stages.core.errors import UserError
from stages.sourcing import clock, own, tables
from stages.sourcing.examples import Record
from stages.sourcing.tables import Sign


def prepare(
    folder: Path,
    *,
    time: str,
    frequency: str,
    time_format: str = "ISO8601",
    columns: tuple[str, ...] = (),
    separator: Sign = ",",
    encoding: str = "utf-8",
    missing: Literal["refuse", "last"] = "refuse",
) -> Record:
    """Read the one file of `folder`.

    Args:
        time: the column of time stamps, in the form `time_format` (as strptime has it, or ISO8601).
        frequency: from one step to the next, as pandas calls it: h, 15min, D, MS.
        columns: those to take; all others than `time` where none is named.
        missing: what becomes of missing values and steps; `last` fills them with the last value before.

    Raises:
        ValueError: an argument does not fit the file.
        UserError: the file is no such series.
    """
    path = own.only_file(folder)
    lines = _lines(path, time, separator, encoding)
    names = _columns(list(lines.columns), time, columns, path.name)
    times = clock.times(lines[time], time_format, path.name)
    values = lines[names].apply(_numbers, file=path.name).set_axis(times)
    steps = _whole(values, clock.grid(times, frequency, path.name), missing, path.name).to_numpy(np.float64)
    return Record(tuple(names), steps, reading={"frequency": frequency, "missing": missing})


def _lines(path: Path, time: str, separator: str, encoding: str) -> Any:
    """The file as a frame, its rows by the number of their line."""
    # Blank lines are dropped only here, so that they count as lines.
    form = {"dtype": {time: "str"}, "low_memory": False, "skip_blank_lines": False}
    frame = tables.read(path, separator=separator, encoding=encoding, **form)
    return frame.set_axis(frame.index + 2).dropna(how="all")


def _columns(known: list[str], time: str, wanted: tuple[str, ...], file: str) -> list[str]:
    if time not in known:
        raise ValueError(f"time must be a column of the file, got {shown(time)}; {nearest(time, known)}")
    values = [name for name in known if name != time]
    if not values:
        raise UserError(f"{file} must have a column of values beside {time!r}, got none")
    for place, name in enumerate(wanted):
        if name not in values or name in wanted[:place]:
            told = f"got {shown(name)}; {nearest(name, values)}"
            raise ValueError(f"columns must be columns of the file beside time, each once, {told}")
    return list(wanted) or values


def _numbers(column: Any, file: str) -> Any:
    """A column as float64; what is missing is NaN."""
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce").astype(np.float64)
    wrong = (numbers.isna() & column.notna()) | np.isinf(numbers)
    tables.refuse(column, wrong, "must be a finite number such as 1.5, or not among columns", file)
    return numbers


def _whole(values: Any, grid: Any, missing: str, file: str) -> Any:
    """A value for every step of `grid`.

    Raises:
        UserError: one is missing, and is not to be filled, or has none before it.
    """
    steps, rule = values.reindex(grid), "for every step, or be read with `missing: last`"
    gaps, absent = len(grid) - len(values), int(steps.isna().sum().sum())
    if absent and missing == "last":
        # Not by those behind it, too: a window would see what it is to forecast.
        steps, rule = steps.ffill(), "in the first row of each column"
        filled = absent - int(steps.isna().sum().sum())
        print(f"{file}: {gaps:,} steps inserted, {filled:,} values filled with the last before", flush=True)
    left = steps.isna()
    if left.any(axis=None):
        each = ", ".join(f"{count:,} of {name!r}" for name, count in left.sum().items() if count)
        first = grid[left.any(axis=1)][0]
        got = f"got {gaps:,} steps without a row and {each} missing, the first at {first}"
        raise UserError(f"{file} must hold a value {rule}, {got}")
    return steps
