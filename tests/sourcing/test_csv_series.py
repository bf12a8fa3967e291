"""Series in CSV files, and whatever can be wrong with them."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stages.core.errors import UserError
from stages.sourcing import csv_series
from stages.sourcing.examples import Record

HOURS = [f"2020-03-01 {hour:02}:00" for hour in range(8)]
ROWS = [f"{stamp},{n},{n * n}" for n, stamp in enumerate(HOURS)]

Read = Callable[..., Record]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """What is read of a file of these lines."""

    def read(lines: list[str], *, header: str = "time,a,b", code: str = "utf-8", **asked: Any) -> Record:
        path = tmp_path / "own.csv"
        path.write_bytes(("\n".join([header, *lines]) + "\n").encode(code))
        return csv_series.prepare(tmp_path, **({"time": "time", "frequency": "h"} | asked))

    return read


def without(*places: int) -> list[str]:
    return [row for n, row in enumerate(ROWS) if n not in places]


def test_values_come_in_order_with_the_names_of_their_columns(read: Read) -> None:
    record = read(ROWS)
    assert (record.columns, record.values.dtype, record.borders) == (("a", "b"), np.float64, None)
    assert record.reading == {"frequency": "h", "missing": "refuse"}
    np.testing.assert_array_equal(record.values, [[n, n * n] for n in range(8)])


def test_columns_are_taken_in_the_order_they_are_named(read: Read) -> None:
    record = read(ROWS, columns=("b", "a"))
    assert record.columns == ("b", "a")
    np.testing.assert_array_equal(record.values[:, 0], [n * n for n in range(8)])


def test_text_beside_the_columns_that_are_named_does_no_harm(read: Read) -> None:
    assert read([f"{row},calm" for row in ROWS], header="time,a,b,note", columns=("a",)).columns == ("a",)


def test_separator_and_encoding_are_those_asked_for(read: Read) -> None:
    rows = [row.replace(",", ";") for row in ROWS]
    record = read(rows, header="time;Öl;b", separator=";", encoding="latin-1", code="latin-1")
    assert record.columns == ("Öl", "b")


FREQUENCIES = ["h", "15min", "D", "B", "W", "MS", "ME", "QS", "YS", "2h"]
FREQUENCIES += ["bh", "C", "CBMS", "WOM-1MON", "LWOM-FRI"]  # which pandas takes one by one


@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_any_frequency_of_pandas_is_understood(read: Read, frequency: str) -> None:
    stamps = pd.date_range("2020-01-01", periods=9, freq=frequency)
    values = read([f"{stamp},{n},0" for n, stamp in enumerate(stamps)], frequency=frequency).values
    assert values[:, 0].tolist() == list(range(9))


def test_time_stamps_of_another_form_are_read_by_it(read: Read) -> None:
    rows = [f"0{day}/02/2020 12h,{day},0" for day in range(1, 6)]
    assert len(read(rows, frequency="D", time_format="%d/%m/%Y %Hh").values) == 5


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("%d.%m.%Y %H:%M", '"%d.%m.%Y %H:%M" or "%m.%d.%Y %H:%M"$'),
        ("%d/%m/%Y", '"%d/%m/%Y" or "%m/%d/%Y"$'),
        ("%H o'clock", "got '00 o'clock', the first of 5 such$"),
    ],
)
@pytest.mark.parametrize("asked", ["ISO8601", "%Q"])
def test_the_form_that_all_time_stamps_have_is_told(read: Read, form: str, told: str, asked: str) -> None:
    stamps = pd.date_range("2020-01-01", periods=5, freq="D").strftime(form)
    broken = pytest.raises(ValueError if asked == "%Q" else UserError)
    with broken as caught:
        read([f"{stamp},1,2" for stamp in stamps], frequency="D", time_format=asked)
    if "%d" in form:
        assert re.search(f"; write time_format: {told}", str(caught.value))
    else:
        assert "write time_format" not in str(caught.value)


@pytest.mark.parametrize("asked", ["%d.%m.%Y", "%Q"])
def test_the_form_of_iso_8601_is_told_alone_where_all_have_it(read: Read, asked: str) -> None:
    broken = pytest.raises(ValueError if asked == "%Q" else UserError)
    with broken as caught:
        read([f"2020-01-0{day},1,2" for day in range(1, 6)], frequency="D", time_format=asked)
    assert str(caught.value).endswith("; write time_format: ISO8601")


def test_a_day_that_is_no_month_tells_which_comes_first(read: Read) -> None:
    rows = [f"{day}/01/2020,{day},0" for day in range(10, 16)]
    with pytest.raises(UserError, match=r'; write time_format: "%d/%m/%Y"$'):
        read(rows, frequency="D")


@pytest.mark.parametrize("frequency", ["h", "15min", "D", "MS", "W-SUN", "2h"])
def test_the_frequency_of_most_rows_is_told_also_where_some_lack(read: Read, frequency: str) -> None:
    stamps = pd.date_range("2020-01-01", periods=40, freq=frequency).delete(20)
    for wrong in ("H", "YS"):
        with pytest.raises(ValueError, match=f"; write frequency: {frequency}$"):
            read([f"{stamp},{n},0" for n, stamp in enumerate(stamps)], frequency=wrong)


def hours(*gaps: int) -> list[str]:
    """Rows that stand so many hours apart."""
    start = pd.Timestamp("2020-01-01")
    return [f"{start + pd.Timedelta(hours=after)},1,2" for after in np.cumsum([0, *gaps])]


def test_half_of_the_rows_must_stand_a_step_apart(read: Read) -> None:
    assert len(read(hours(1, 2, 1, 2), missing="last").values) == 7
    with pytest.raises(ValueError, match=r"^frequency must be what lies between most rows, 0 days 02:00:00"):
        read(hours(1, 2, 1, 2, 3), missing="last")


def test_a_frequency_that_a_fourth_of_the_rows_has_not_is_not_told_to_be_written(read: Read) -> None:
    with pytest.raises(ValueError, match=r"got 'D'$"):
        read(hours(1, 1, 1, 2, 1, 1, 1, 2), frequency="D")


def test_a_clock_that_changes_to_summer_time_leaves_no_gap_where_stamps_say_so(read: Read) -> None:
    stamps = ["2020-03-29T01:00+01:00", "2020-03-29T03:00+02:00", "2020-03-29T04:00+02:00"]
    assert len(read([f"{stamp},1,2" for stamp in stamps]).values) == 3


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            [*ROWS[:3], "soon,1,2", *ROWS[4:]],
            r"line 5: 'time' must be of the time_format ISO8601, got 'soon'$",
        ),
        ([*ROWS[:3], ",1,2", *ROWS[4:]], r"line 5: 'time' must be of the time_format ISO8601, got ''$"),
        (
            [ROWS[1], ROWS[0], *ROWS[2:]],
            r"line 3: 'time' must not go back, got '2020-03-01 00:00'$",
        ),
        (
            [*ROWS[:2], *ROWS[1:]],
            r"line 4: 'time' must not stand there twice, got '2020-03-01 01:00'$",
        ),
        ([*ROWS[:2], "", *ROWS[1:]], r"line 5: 'time' must not stand there twice"),
        (
            [*ROWS[:2], HOURS[2] + ",?,2", *ROWS[3:]],
            r"line 4: 'a' must be a finite number .*, got '\?'$",
        ),
        ([*ROWS[:2], HOURS[2] + ',"1,5",2', *ROWS[3:]], r"line 4: 'a' must be .* such as 1\.5, .* got '1,5'"),
        ([*ROWS[:2], HOURS[2] + ",1,-inf", *ROWS[3:]], r"line 4: 'b' must be a finite number .*, got -inf"),
        ([*ROWS[:2], HOURS[2] + ",1,1e999", *ROWS[3:]], r"line 4: 'b' must be a finite number .*, got inf"),
        (
            [*ROWS[:2], "2020-03-01 01:30,1,2", *ROWS[2:]],
            r"must be steps of h from the first, got 2020-03-01 01:30",
        ),
        (
            [*ROWS[:3], ROWS[3] + ",9", *ROWS[4:]],
            r"must be a table, .*: Expected 3 fields in line 5, saw 4; a text ",
        ),
        ([row + ",9" for row in ROWS], r"own\.csv must be a table, .*: rows are longer than the header; "),
        (ROWS[:1], r"own\.csv must hold two rows at least, got 1"),
        ([], r"own\.csv must hold rows, got a header alone"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_place(read: Read, rows: list[str], told: str) -> None:
    with pytest.raises(UserError, match=told):
        read(rows, missing="last")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"time": "tine"}, r"^time must be a column of the file, got 'tine'; did you mean 'time'\?$"),
        ({"columns": ("a", "c")}, r"^columns must be .* each once, got 'c'; known: a, b$"),
        ({"columns": ("a", "a")}, r"^columns must be .* each once, got 'a'"),
        ({"columns": ("time",)}, r"^columns must be columns of the file beside time"),
        (
            {"frequency": "hourly"},
            r"^frequency must be an offset of pandas, .* got 'hourly'; write frequency: h$",
        ),
        (
            {"frequency": "2000000000D"},
            r"^frequency must be an offset of pandas, .* got '2000000000D'; write frequency: h$",
        ),
        ({"frequency": "9999999999YE"}, r"^frequency must be an offset of pandas"),
        (
            {"frequency": "D"},
            r"^frequency must be what lies between most rows, 0 days 01:00:00, got 'D'; write frequency: h$",
        ),
        (
            {"frequency": "s"},
            r"^frequency must be what lies between most rows, 0 days 01:00:00, got 's'; write frequency: h$",
        ),
        *(({"frequency": f}, f"got '{f}'; write frequency: h$") for f in ("H", "d", "1 hour", "W")),
        ({"frequency": "-1h"}, r"^frequency must be what lies between most rows"),
        ({"time_format": "%Q"}, r"^time_format must be as strptime has it, got '%Q'"),
        ({"encoding": "utf\0"}, r"^encoding must be that of own\.csv, got 'utf\\x00'; embedded null"),
        ({"encoding": "utf-99"}, r"^encoding must be that of own\.csv, got 'utf-99'; unknown encoding"),
        ({"code": "utf-16"}, r"^encoding must be that of own\.csv, got 'utf-8'; byte 0xff"),
    ],
)
def test_an_argument_that_does_not_fit_the_file_is_told(read: Read, asked: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read(ROWS, **asked)


@pytest.mark.parametrize("value", ["0.5", "0,5"])
def test_the_separator_is_told_before_what_stands_in_rows(read: Read, value: str) -> None:
    told = r"^separator .* must be \";\" for own\.csv, whose header is 'time;a', got ','$"
    with pytest.raises(ValueError, match=told):
        read([f"{stamp};{value}" for stamp in HOURS], header="time;a")


@pytest.mark.parametrize("blank", ["", " "])
def test_a_blank_line_is_no_header(read: Read, blank: str) -> None:
    with pytest.raises(UserError, match=r"^own\.csv must begin with a header, got a blank line$"):
        read(["time,a", *ROWS], header=blank)


def test_missing_steps_and_values_are_counted_and_refused(read: Read) -> None:
    rows = without(3, 4)
    rows[1] = HOURS[1] + ",1,"
    with pytest.raises(UserError) as error:
        read(rows)
    assert str(error.value) == (
        "own.csv must hold a value for every step, or be read with `missing: last`, "
        "got 2 steps without a row and 2 of 'a', 3 of 'b' missing, the first at 2020-03-01 01:00:00+00:00"
    )


def test_what_is_missing_is_the_last_value_before_it_and_told(
    read: Read, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = without(3, 4)
    rows[1], rows[5] = HOURS[1] + ",NA,1", HOURS[7] + ",7,"
    record = read(rows, missing="last")
    assert record.values[:, 0].tolist() == [0, 0, 2, 2, 2, 5, 6, 7]
    assert record.values[:, 1].tolist() == [0, 1, 4, 4, 4, 25, 36, 36]
    said = "own.csv: 2 steps inserted, 6 values filled with the last before\n"
    assert capsys.readouterr().out == said


def test_no_value_depends_on_those_behind_it(read: Read) -> None:
    rows = without(3, 4)
    whole = read(rows, missing="last").values
    other = read([*rows[:3], *(f"{stamp},-9,-9" for stamp in HOURS[5:])], missing="last").values
    np.testing.assert_array_equal(whole[:5], other[:5])


def test_nothing_is_told_of_a_whole_series(read: Read, capsys: pytest.CaptureFixture[str]) -> None:
    read(ROWS, missing="last")
    assert not capsys.readouterr().out


def test_a_value_missing_before_the_first_is_refused_even_then(read: Read) -> None:
    rows = [HOURS[0] + ",,1", *ROWS[1:]]
    with pytest.raises(UserError, match=r"in the first row of each column, got 0 .* 1 of 'a' missing"):
        read(rows, missing="last")


def test_a_file_of_time_stamps_alone_is_refused(read: Read) -> None:
    with pytest.raises(UserError, match=r"^own\.csv must have a column of values beside 'time', got none$"):
        read(HOURS, header="time")


def test_a_column_that_is_named_twice_is_refused_by_its_name(read: Read) -> None:
    with pytest.raises(
        UserError, match=r"^own\.csv must name each column once in its header, got 'a' twice$"
    ):
        read(ROWS, header="time,a,a")
