"""Rows on disk are indexed as those of an array are."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.core import files, layout
from stages.sourcing import disk
from stages.sourcing.disk import OnDisk

WHOLE = np.arange(7 * 2 * 3, dtype=np.uint8).reshape(7, 2, 3)


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OnDisk:
    monkeypatch.chdir(tmp_path)
    return disk.joined([WHOLE[:4], WHOLE[4:]], (2, 3))


@pytest.mark.parametrize("chosen", [slice(2, 5), slice(7, 9), np.array([5, 0, 5]), np.array([], np.int64)])
def test_rows_of_it_are_those_of_the_array(rows: OnDisk, chosen: slice | NDArray[np.int64]) -> None:
    found, wanted = rows[chosen], WHOLE[chosen]
    assert (found.shape, found.dtype, len(found)) == (wanted.shape, wanted.dtype, len(wanted))
    np.testing.assert_array_equal(found, wanted)


def test_rows_may_be_chosen_again_and_again(rows: OnDisk) -> None:
    odd = np.arange(1, 7, 2)
    np.testing.assert_array_equal(rows[odd][1:][np.array([1, 0])], WHOLE[odd][1:][[1, 0]])
    for row, wanted in zip(rows[odd], WHOLE[odd], strict=True):
        np.testing.assert_array_equal(row, wanted)


@pytest.mark.parametrize(("size", "lengths"), [(1, [1] * 7), (13, [2, 2, 2, 1]), (1_000, [7])])
def test_pieces_are_all_rows_in_their_order(
    rows: OnDisk, size: int, lengths: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "_PIECE", size)
    for whole in (rows, WHOLE):
        assert [len(piece) for piece in disk.pieces(whole)] == lengths
        np.testing.assert_array_equal(np.concatenate([*disk.pieces(whole)]), WHOLE)


def test_what_lies_on_disk_is_not_read_in_pieces_yet(rows: OnDisk) -> None:
    assert all(isinstance(piece, OnDisk) for piece in disk.pieces(rows))


def test_they_are_written_as_those_in_memory(rows: OnDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "_PIECE", 13)
    places, x, y = (Path("disk"), Path("memory")), np.array([5, 0, 6]), np.arange(3)
    assert isinstance(rows, layout.InPieces)
    digests = [
        files.write_tensors(place, {"x": whole[x], "y": y})
        for place, whole in zip(places, (rows, WHOLE), strict=True)
    ]
    assert digests[0] == digests[1]
    assert places[0].read_bytes() == places[1].read_bytes()
