"""Series, cut by time."""

from typing import Any

import numpy as np
import pytest

from stages.core import rooms
from stages.core.blocks import Holdout
from stages.core.errors import UserError
from stages.core.spec import Series
from stages.sourcing.examples import Encoded, Record
from stages.sourcing.series import encode

SPLIT = Holdout(seed=0, val=0.2, test=0.3)
COLUMNS = ("wind", "sun", "rain")
# Each value tells its step and its column.
RECORD = Record(COLUMNS, np.arange(200.0)[:, None] + 1000.0 * np.arange(3))
OFFICIAL = Record(COLUMNS, RECORD.values, borders=(90, 120, 160))
STEPS = {"train": (0, 100), "val": (100, 140), "test": (140, 200)}
OFFICIAL_STEPS = {"train": (0, 90), "val": (90, 120), "test": (120, 160)}


def encoded(record: Record = RECORD, **asked: Any) -> Encoded:
    sizes = {"window": 12, "horizon": 5, "period": 6}
    return encode(record, SPLIT, "toy", **(sizes | asked))


def facts(found: Encoded) -> Series:
    return Series(dataset="toy", source="toy", sha256={}, **found.facts)


@pytest.mark.parametrize(("record", "expected"), [(RECORD, STEPS), (OFFICIAL, OFFICIAL_STEPS)])
def test_splits_follow_each_other_in_time_by_their_shares_or_the_official_borders(
    record: Record, expected: dict[str, tuple[int, int]]
) -> None:
    for name, part in encoded(record).splits.items():
        first, end = expected[name]
        np.testing.assert_array_equal(part["x"], RECORD.values[max(0, first - 12) : end])
        assert part["x"].dtype == np.float32


@pytest.mark.parametrize(("record", "expected"), [(RECORD, STEPS), (OFFICIAL, OFFICIAL_STEPS)])
@pytest.mark.parametrize("horizon", [1, 5])
def test_every_step_of_val_and_test_is_forecast_and_a_window_never_reaches_past_its_split(
    record: Record, expected: dict[str, tuple[int, int]], horizon: int
) -> None:
    found = encoded(record, horizon=horizon)
    for name in ("val", "test"):
        x, (first, end) = found.splits[name]["x"][:, 0], expected[name]
        windows = facts(found).size(name)
        ahead = np.array([x[n + 12 : n + 12 + horizon] for n in range(windows)])
        for step in range(horizon):  # each step ahead comes by all steps that it can reach
            assert ahead[:, step].tolist() == list(range(first + step, end - horizon + step + 1))


def test_a_season_may_be_as_long_as_a_window_and_a_horizon_as_a_split() -> None:
    assert facts(encoded(period=12)).period == 12
    spec = facts(encoded(horizon=40))
    assert {name: spec.size(name) for name in STEPS} == {"train": 49, "val": 1, "test": 21}


def test_the_facts_say_how_many_steps_and_windows_each_split_has() -> None:
    found = encoded()
    spec = facts(found)
    assert spec.steps == {name: len(part["x"]) for name, part in found.splits.items()}
    assert {name: spec.size(name) for name in spec.steps} == {"train": 84, "val": 36, "test": 56}
    assert (spec.shape, spec.outputs, spec.period) == ((12, 3), (5, 3), 6)


def test_that_official_borders_stand_for_the_shares_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    encoded()
    assert not capsys.readouterr().out
    encoded(OFFICIAL)
    assert capsys.readouterr().out == "toy: official borders kept, `split` not used\n"


def test_mean_and_deviation_are_those_of_train_alone() -> None:
    drawn = np.random.default_rng(0).normal(size=(200, 3)) * [1, 5, 9] + np.arange(200)[:, None]
    spec = facts(encoded(Record(COLUMNS, drawn)))
    assert spec.mean == pytest.approx(drawn[:100].mean(axis=0))
    assert spec.std == pytest.approx(drawn[:100].std(axis=0))


def test_a_column_that_never_changes_in_train_has_the_deviation_one() -> None:
    values = RECORD.values.copy()
    values[:100, 1] = 0.1  # whose deviation is not quite 0 in floats
    found = facts(encoded(Record(COLUMNS, values), targets=("wind",), inputs=("sun",)))
    assert found.std[1] == 1


@pytest.mark.parametrize("asked", [{}, {"targets": ("rain", "sun")}])
def test_a_target_that_never_changes_in_train_is_refused(asked: dict[str, Any]) -> None:
    values = RECORD.values.copy()
    values[:100, 1] = 7
    told = r"^datasets\.toy: 'sun' must vary in train, got 7 in all 100 rows: there is nothing to forecast; "
    with pytest.raises(UserError, match=told):
        encoded(Record(COLUMNS, values), **asked)


def test_targets_stand_before_the_other_inputs_in_the_order_they_are_named() -> None:
    found = encoded(targets=("rain", "wind"), inputs=("sun",))
    spec = facts(found)
    assert (spec.columns, spec.targets, spec.outputs) == (("rain", "wind", "sun"), 2, (5, 2))
    np.testing.assert_array_equal(found.splits["train"]["x"][0], [2000, 0, 1000])


def test_without_targets_all_columns_are_forecast_and_without_inputs_targets_alone_are_seen() -> None:
    assert facts(encoded()).columns == COLUMNS
    assert facts(encoded()).targets == 3
    assert facts(encoded(targets=("sun",))).columns == ("sun",)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            {"period": 13},
            r"^toy\.encode\.period \(24 where none is set\) must be at most window \(12\), got 13$",
        ),
        (
            {"window": 96},
            r"^toy\.encode\.window must be less: .* 101 steps are needed, train has 100, got 96$",
        ),
        ({"horizon": 41}, r"^toy\.encode\.horizon must be at most the 40 steps of val, got 41$"),
        ({"targets": ["sum"]}, r"targets must be columns of the series, got 'sum'; did you mean 'sun'\?$"),
        ({"targets": ["sun"], "inputs": ["x"]}, r"inputs must be columns of the series, got 'x'; known: "),
        ({"targets": ["sun", "sun"]}, r"^toy\.encode\.targets must name no column again, got 'sun'$"),
        ({"targets": ["sun"], "inputs": ["sun"]}, r"^toy\.encode\.inputs must name no column again"),
        ({"inputs": ["sun"]}, r"^toy\.encode\.inputs must name no column again, got 'sun'$"),
        ({"window": 0}, r"^toy\.encode\.window must be greater than or equal to 1, got 0$"),
        ({"windows": 12}, r"^toy\.encode\.windows is not known; did you mean 'window'\?$"),
    ],
)
def test_what_does_not_fit_the_series_is_told_by_its_path(asked: dict[str, Any], told: str) -> None:
    sizes = {"window": 12, "horizon": 5, "period": 6}
    with pytest.raises(UserError, match=told):
        rooms.call(encode, RECORD, SPLIT, "toy", arguments=sizes | asked, at="toy.encode")


def test_the_longest_window_and_horizon_that_fit_are_taken() -> None:
    assert facts(encoded(window=95)).size("train") == 1
    assert facts(encoded(horizon=40)).size("val") == 1


@pytest.mark.parametrize("level", [1e9, 1e39])
def test_a_column_that_float32_cannot_tell_apart_is_named(level: float) -> None:
    values = RECORD.values.copy()
    values[:, 1] = level * (1 + 1e-6 * np.sin(values[:, 1]))
    with pytest.raises(UserError, match=r"^datasets\.toy: float32 must hold .* for 'sun': take off"):
        encoded(Record(COLUMNS, values))
