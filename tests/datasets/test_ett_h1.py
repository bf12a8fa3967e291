"""ETTh1, on its own form, and the real file where a mirror has it."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages.core import folders
from stages.core.blocks import Holdout
from stages.core.spec import Series
from stages.datasets import ett_h1

COLUMNS = ("HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A file of the same form and length."""
    stamps = pd.date_range("2016-07-01", periods=17420, freq="h", name="date")
    values = np.arange(17420)[:, None] + np.arange(7) * 1e5
    pd.DataFrame(values, index=stamps, columns=list(COLUMNS)).to_csv(tmp_path / "ETTh1.csv")
    return tmp_path


def test_columns_and_values_come_as_they_are(folder: Path) -> None:
    record = ett_h1.prepare(folder)
    assert record.columns == COLUMNS
    np.testing.assert_array_equal(record.values[:, 6], np.arange(17420) + 6e5)


def test_the_official_borders_leave_a_year_to_train_and_four_months_each_for_val_and_test(
    folder: Path,
) -> None:
    record = ett_h1.prepare(folder)
    assert record.borders == (8640, 8640 + 2880, 8640 + 2880 + 2880)
    found = ett_h1.encode(record, Holdout(seed=0, val=0.1, test=0.1), "ett", window=512, horizon=96)
    facts = Series(dataset="ett", source="ett_h1", sha256={}, **found.facts)
    assert {split: facts.size(split) for split in ("train", "val", "test")} == {
        "train": 8033,
        "val": 2785,
        "test": 2785,
    }


@pytest.mark.skipif("DATA_MIRROR" not in os.environ, reason="needs DATA_MIRROR, which holds the real ETTh1")
def test_the_real_file_is_read_with_the_moments_that_others_report(tmp_path: Path) -> None:
    with folders.filling(tmp_path / "raw") as raw:
        ett_h1.fetch(raw)
    record = ett_h1.prepare(tmp_path / "raw")
    assert record.values.shape == (17420, 7)
    temperature = record.values[:8640, 6]
    assert temperature.mean() == pytest.approx(17.128, abs=1e-3)
    assert temperature.std() == pytest.approx(9.176, abs=1e-3)
