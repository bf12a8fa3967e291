"""Folders are filled whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from stages.core import folders
from stages.core.errors import UserError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with folders.filling(tmp_path / "data" / "toy") as partial:
        (partial / "old").write_text("old")
    return tmp_path / "data" / "toy"


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_filled_folder_takes_the_place_of_the_earlier_one_whole(folder: Path) -> None:
    with folders.filling(folder) as partial:
        (partial / "sub").mkdir()
        (partial / "sub" / "new").write_text("new")
        assert names(folder) == ["old"]
    assert names(folder.parent) == ["toy", "toy/sub", "toy/sub/new"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_folder_that_could_not_be_filled_stays_as_it_was(folder: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), folders.filling(folder) as partial:
        (partial / "new").write_text("new")
        raise error
    assert names(folder.parent) == ["toy", "toy/old"]


def test_a_full_disk_is_told_in_a_line(folder: Path) -> None:
    line = r"^cannot write .*toy: No space left on device$"
    with pytest.raises(UserError, match=line), folders.filling(folder):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert names(folder.parent) == ["toy", "toy/old"]


def test_what_a_killed_process_left_is_swept_away(folder: Path) -> None:
    left = folder.with_name("toy.part")
    left.mkdir()
    (left / "half").write_text("ha")
    with folders.filling(folder) as partial:
        (partial / "new").write_text("new")
    assert names(folder.parent) == ["toy", "toy/new"]


def test_what_a_folder_is_filled_from_is_told_as_read_and_the_folder_as_written(folder: Path) -> None:
    line = r"^cannot read mine\.csv: No such file or directory$"
    with pytest.raises(UserError, match=line), folders.filling(folder):
        Path("mine.csv").read_bytes()
    line = r"^cannot write .*toy\.part: Is a directory$"
    with pytest.raises(UserError, match=line), folders.filling(folder) as partial:
        partial.write_bytes(b"")
    assert names(folder.parent) == ["toy", "toy/old"]


def test_how_much_a_folder_holds_is_told_in_words(folder: Path) -> None:
    assert folders.held(folder) == "1 file, 3 bytes"
    with folders.filling(folder) as partial:
        (partial / "deep").mkdir()
        (partial / "deep/one").write_bytes(bytes(1234))
        (partial / "two").write_bytes(bytes(1))
    assert folders.held(folder) == "2 files, 1,235 bytes"
