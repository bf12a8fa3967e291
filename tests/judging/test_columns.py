"""How columns are written."""

import pytest

from stages.judging import columns
from stages.judging.columns import Column

ACCURACY = Column("accuracy", "accuracy", "higher", ".2%", "share of the right ones")
SKILL = Column("skill", "skill", "higher", "+.1%", "share that is saved")
DISTANCE = Column("frechet", "Frechet distance", "lower", "#.4g", "how far")


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        (DISTANCE, 1234.4, "1234"),
        (DISTANCE, 12.0, "12.00"),
        (ACCURACY, 0.5, "50.00%"),
        (SKILL, 0.5, "+50.0%"),
    ],
)
def test_no_value_ends_in_a_bare_point(column: Column, value: float, text: str) -> None:
    assert column.told(value) == text


def test_an_interval_stands_in_brackets_and_leaves_the_unit_to_its_value() -> None:
    assert ACCURACY.bounds(0.9706, 0.98) == "[97.06, 98.00]"
    assert DISTANCE.bounds(12.0, 1234.4) == "[12.00, 1234]"


def test_percentages_are_points_apart_without_a_sign() -> None:
    assert ACCURACY.apart(-0.0123) == "1.23 points"
    assert SKILL.apart(0.02) == "2.0 points"
    assert DISTANCE.apart(-2000.0) == "2000"


@pytest.mark.parametrize(("column", "text"), [(ACCURACY, "0.00%"), (SKILL, "+0.0%"), (DISTANCE, "0.000")])
def test_no_zero_is_negative(column: Column, text: str) -> None:
    """The log loss of who is sure and right is minus the log of 1."""
    assert column.told(-0.0) == text
    assert ACCURACY.told(-0.00001) == "0.00%"


@pytest.mark.parametrize(
    ("distance", "tie"), [(0.0, True), (-0.00004, True), (0.00006, False), (-0.1, False)]
)
def test_a_tie_is_what_shows_no_digit(distance: float, tie: bool) -> None:
    assert ACCURACY.is_tie(distance) is tie


def test_an_arrow_points_to_where_it_is_better() -> None:
    assert ACCURACY.head == "accuracy ↑"
    assert DISTANCE.head == "Frechet distance ↓"
    assert ACCURACY._replace(better=None).head == "accuracy"


def test_validation_and_gap_are_of_their_column() -> None:
    of_val, gap = columns.validation(ACCURACY), columns.gap(ACCURACY)
    assert of_val[:4] == ("val_accuracy", "validation accuracy", "higher", ".2%")
    assert gap[:4] == ("accuracy_gap", "accuracy, train less test", None, "+.2%")
    assert "far above 0" in gap.meaning
    assert "far below 0" in columns.gap(DISTANCE).meaning
