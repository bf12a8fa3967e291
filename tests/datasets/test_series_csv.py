"""A series of one's own, from its file to its record."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages.core import rooms
from stages.core.errors import UserError
from stages.datasets import series_csv

AT = "datasets.mine.prepare"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a fetch leaves of a file in another place."""
    original = tmp_path / "mine" / "load.csv"
    original.parent.mkdir()
    rows = [f"2020-01-0{day};{day};{10 * day};calm" for day in range(1, 7) if day != 4]
    original.write_text("\n".join(["when;load;heat;note", *rows]) + "\n", encoding="utf-8")
    folder = tmp_path / "raw"
    folder.mkdir()
    series_csv.fetch(folder, path=str(original))
    return folder


def prepare(folder: Path, **asked: Any) -> Any:
    given = {"time": "when", "frequency": "D", "separator": ";", "columns": ["load"]}
    return rooms.call(series_csv.prepare, folder, arguments=given | asked, at=AT)


def test_a_file_of_ones_own_becomes_a_record(folder: Path) -> None:
    record = prepare(folder, columns=["heat", "load"], missing="last")
    assert record.columns == ("heat", "load")
    np.testing.assert_array_equal(record.values, [[10 * day, day] for day in (1, 2, 3, 3, 5, 6)])


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            {},
            r"^load\.csv must hold a value for every step, .* got 1 steps without a row and 1 of 'load'",
        ),
        (
            {"columns": []},
            r"^load\.csv, line 2: 'note' must be a finite number such as 1\.5, or not among columns, "
            r"got 'calm', the first of 5 such$",
        ),
        ({"columns": ["lod"]}, rf"^{AT}\.columns must be columns .* got 'lod'; did you mean 'load'\?$"),
        ({"time": "date"}, rf"^{AT}\.time must be a column of the file, got 'date'"),
        ({"separator": ","}, rf"^{AT}\.separator .* must be \";\" for load\.csv, whose header is "),
        ({"frequency": "H"}, rf"^{AT}\.frequency must be an offset of pandas"),
        ({"encoding": "utf-99"}, rf"^{AT}\.encoding must be that of load\.csv"),
        ({"separator": ";;"}, rf"^{AT}\.separator must be one sign, such as .*, got ';;'$"),
        ({"missing": "drop"}, rf"^{AT}\.missing must be 'refuse' or 'last', got 'drop'$"),
        ({"separater": ";"}, rf"^{AT}\.separater is not known; did you mean 'separator'\?$"),
    ],
)
def test_what_is_wrong_is_told_by_its_place_in_the_params_or_in_the_file(
    folder: Path, asked: dict[str, Any], told: str
) -> None:
    with pytest.raises(UserError, match=told):
        prepare(folder, **asked)


def test_time_and_frequency_must_be_given(folder: Path) -> None:
    with pytest.raises(UserError, match=rf"^{AT}\.time is missing\n +{AT}\.frequency is missing$"):
        rooms.call(series_csv.prepare, folder, arguments={}, at=AT)


def test_without_a_file_it_is_told_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^datasets\.mine\.fetch\.url must be an address"):
        rooms.call(series_csv.fetch, tmp_path, arguments={}, at="datasets.mine.fetch")
