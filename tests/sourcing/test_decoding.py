"""Many pictures at once: in their order on any number of cores, on disk, and what is broken beside them."""

import errno
import io
import re
import sys
import threading
import time
import tracemalloc
from math import prod
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stages.core.errors import UserError
from stages.core.files import write_tensors
from stages.sourcing import cores, decoding, disk, pictures, statistics
from stages.sourcing.decoding import Decoded
from stages.sourcing.pictures import Form
from tests.photos import BROKEN, photo, write
from tests.watched import Terminal

FORM = Form(16, "crop", 3)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def photos(tmp_path: Path, count: int = 40) -> list[Path]:
    folder = write(tmp_path / "photos", {f"{n:03}.jpg": photo(seed=n) for n in range(count)})
    return sorted(folder.iterdir())


def decode(files: list[Path], form: Form = FORM) -> Decoded:
    return decoding.decode(files, form, title="photos")


@pytest.mark.parametrize("count", [1, 2, 7])
def test_pictures_come_in_the_order_of_their_files_whatever_the_number_of_cores(
    tmp_path: Path, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, seen = photos(tmp_path), set()
    one_by_one = np.stack([pictures.decode(file.read_bytes(), FORM) for file in files])
    original = pictures.decode

    def watched(content: bytes, form: Form) -> object:
        seen.add(threading.get_ident())
        return original(content, form)

    monkeypatch.setattr(cores, "count", lambda: count)
    monkeypatch.setattr(cores, "_AHEAD", 1)
    monkeypatch.setattr(pictures, "decode", watched)
    found = decode(files[::-1])
    assert np.asarray(found.x).tobytes() == one_by_one[::-1].tobytes()
    assert (found.rows.tolist(), found.broken) == (list(range(40)), {})
    assert 1 <= len(seen) <= count


def test_what_is_broken_is_named_and_the_others_keep_their_places(tmp_path: Path) -> None:
    files = photos(tmp_path, 3)
    broken = write(tmp_path / "broken", {f"{name}.jpg": content for name, (content, _) in BROKEN.items()})
    wrong = sorted(broken.iterdir())
    found = decode([files[0], *wrong, files[1], files[2]])
    assert found.rows.tolist() == [0, len(wrong) + 1, len(wrong) + 2]
    np.testing.assert_array_equal(found.x, decode(files).x)
    assert list(found.broken) == wrong
    for file, why in found.broken.items():
        assert re.search(BROKEN[file.stem][1], why), why
        assert "\n" not in why and "0x" not in why


def test_a_lack_of_memory_is_no_fault_of_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(content: bytes, form: Form) -> None:
        raise MemoryError

    monkeypatch.setattr(pictures, "decode", lacking)
    with pytest.raises(MemoryError):
        decode(photos(tmp_path, 3))


def test_where_nothing_can_be_read_there_are_no_pixels(tmp_path: Path) -> None:
    files = list(write(tmp_path / "broken", {"a": b"", "b": b"x"}).iterdir())
    assert decode(files).x.shape == (0, 3, 16, 16)
    assert len(decode(files).broken) == 2


def test_pixels_are_never_in_memory_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, form = photos(tmp_path, 2) * 60, Form(128, "squash", 3)
    monkeypatch.setattr(cores, "count", lambda: 1)
    monkeypatch.setattr(disk, "_PIECE", 2**18)
    statistics.per_channel(decode(files[:1]).x)  # what is imported takes memory once
    tracemalloc.start()
    try:
        x = decode(files, form).x
        statistics.per_channel(x)
        write_tensors(tmp_path / "some", {"x": x[np.arange(1, len(x), 2)]})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert prod(x.shape) > 5e6
    assert peak < prod(x.shape) / 4


def test_nothing_is_left_of_the_file_that_they_lie_in(tmp_path: Path) -> None:
    decoded = decode(photos(tmp_path, 2))
    assert list((tmp_path / "data/raw").iterdir()) == []
    assert np.asarray(decoded.x).any()


def test_what_pillow_warns_of_is_read_and_what_it_takes_for_a_bomb_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = photos(tmp_path, 1)
    size = 30 * 40
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", size - 1)
    assert decode(files).broken == {}
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", size // 2 - 1)
    assert "decompression bomb" in decode(files).broken[files[0]]


def test_a_terminal_is_shown_how_many_pictures_are_decoded_and_a_log_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files, terminal, original = photos(tmp_path, 3), Terminal(), pictures.decode

    def slow(content: bytes, form: Form) -> object:
        time.sleep(0.15)  # a bar is drawn anew ten times a second
        return original(content, form)

    monkeypatch.setattr(cores, "count", lambda: 1)
    monkeypatch.setattr(pictures, "decode", slow)
    decode(files)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(sys, "stderr", terminal)
    decode(files)
    assert re.search(r"photos: .*0/3 \[.*photos: .*1/3 \[.*picture", terminal.getvalue())


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, content: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(disk.tempfile, "TemporaryFile", lambda dir: Full())
    with pytest.raises(UserError, match=r"^cannot write to data/raw: No space left on device$"):
        decode(photos(tmp_path, 1))
