"""Archives: what of them arrives, and what is refused."""

import errno
import io
import os
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from stages.core.errors import UserError
from stages.sourcing import unpacking

FILES = {"ants/1.jpg": b"one", "ants/2.jpg": b"two" * 9999, "bees/3.jpg": b"three"}


def zipped(files: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return file.getvalue()


def tarred(files: Mapping[str, bytes], mode: str = "w:gz") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as packed:  # type: ignore[call-overload]
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return file.getvalue()


PACKED: dict[str, Callable[[Mapping[str, bytes]], bytes]] = {
    "x.zip": zipped,
    "x.tar": lambda files: tarred(files, "w"),
    "x.tar.gz": tarred,
    "x.TGZ": tarred,
    "x.tar.bz2": lambda files: tarred(files, "w:bz2"),
    "x.tar.xz": lambda files: tarred(files, "w:xz"),
}
EVERY = pytest.mark.parametrize("name", PACKED)


def unpack(tmp_path: Path, name: str, content: bytes) -> dict[str, bytes]:
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / name).write_bytes(content)
    unpacking.unpack(folder / name, folder)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@EVERY
def test_all_files_arrive_and_the_archive_goes(tmp_path: Path, name: str) -> None:
    assert unpack(tmp_path, name, PACKED[name](FILES)) == FILES


@EVERY
def test_a_single_folder_around_all_is_taken_off_once(tmp_path: Path, name: str) -> None:
    inside = {f"deep/{path}": content for path, content in FILES.items()}
    litter = {"__MACOSX/photos/._1.jpg": b"", "photos/.DS_Store": b"", ".hidden/x": b"", "Thumbs.db": b""}
    around = {f"photos/{path}": content for path, content in inside.items()} | litter
    assert unpack(tmp_path, name, PACKED[name](around)) == inside


def test_of_two_files_of_one_name_none_takes_the_place_of_the_other(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = io.BytesIO()
        with zipfile.ZipFile(twice, "w") as packed:
            for content in ("one", "other"):
                packed.writestr("a/1.jpg", content)
    with pytest.raises(UserError, match=r"^x\.zip must hold a file once, got 'a/1\.jpg' twice$"):
        unpack(tmp_path, "x.zip", twice.getvalue())


@EVERY
def test_a_disk_that_fills_up_meanwhile_is_not_blamed_on_the_archive(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    content = PACKED[name](FILES)
    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(OSError, match="No space left on device"):
        unpack(tmp_path, name, content)


def test_a_folder_may_have_the_name_of_the_archive(tmp_path: Path) -> None:
    assert unpack(tmp_path, "x.zip", zipped({"x.zip/a/1": b"1", "b/2": b"2"})) == {
        "b/2": b"2",
        "x.zip/a/1": b"1",
    }


def test_the_separator_of_windows_separates(tmp_path: Path) -> None:
    assert unpack(tmp_path, "x.zip", zipped({r"a\1": b"1", r"b\2": b"2"})) == {"a/1": b"1", "b/2": b"2"}


def test_an_empty_folder_arrives(tmp_path: Path) -> None:
    unpack(tmp_path, "x.zip", zipped({"ants/1.jpg": b"", "bees/": b"", "__MACOSX/": b""}))
    assert sorted(path.name for path in (tmp_path / "raw").iterdir()) == ["ants", "bees"]


@EVERY
@pytest.mark.parametrize("path", ["../out.jpg", "a/../../out.jpg", "/tmp/out.jpg", r"..\out.jpg"])
def test_what_would_leave_the_folder_is_refused(tmp_path: Path, name: str, path: str) -> None:
    with pytest.raises(UserError, match=rf"^{name} must stay in its folder, got '"):
        unpack(tmp_path, name, PACKED[name](FILES | {path: b"x"}))
    assert [found.name for found in tmp_path.rglob("*")] == ["raw"]


def test_a_file_whose_name_is_not_utf8_is_refused(tmp_path: Path) -> None:
    """DVC cannot write it down."""
    with pytest.raises(
        UserError, match=r"^x\.tar must name its files in UTF-8, as DVC does, got 'a/.*\.jpg'$"
    ):
        unpack(tmp_path, "x.tar", PACKED["x.tar"](FILES | {"a/caf\udce9.jpg": b"x"}))
    assert [found.name for found in tmp_path.rglob("*")] == ["raw"]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path, kind: bytes) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as packed:
        member = tarfile.TarInfo("a/link")
        member.type, member.linkname = kind, "/etc/passwd"
        packed.addfile(member)
    with pytest.raises(UserError, match=r"^x.tar must hold files and folders alone, no links, got 'a/link'$"):
        unpack(tmp_path, "x.tar", file.getvalue())


def test_links_in_a_zip_are_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("a/link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr(info, "/etc/passwd")
    with pytest.raises(UserError, match=r"^x.zip must hold files and folders alone, no links, got 'a/link'$"):
        unpack(tmp_path, "x.zip", file.getvalue())


@EVERY
def test_what_has_no_room_is_refused_before_it_is_unpacked(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = sum(map(len, FILES.values()))
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(0, 0, size - 1))
    said = rf"^{name} must unpack into the {size - 1:,} bytes that the disk has left, got {size:,}$"
    with pytest.raises(UserError, match=said):
        unpack(tmp_path, name, PACKED[name](FILES))
    assert list((tmp_path / "raw").iterdir()) == []


def test_a_zip_that_holds_more_than_it_says_is_refused(tmp_path: Path) -> None:
    content = zipped({"a": bytes(1000)})
    with pytest.raises(UserError, match=r"^x.zip must be an archive that can be unpacked: "):
        unpack(tmp_path, "x.zip", content.replace((1000).to_bytes(4, "little"), (9).to_bytes(4, "little")))


def test_a_locked_zip_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped({"a": b"x"}))
    content[6] |= 1  # in the header of the file, and in the directory at the end
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(UserError, match=r"^x.zip must be an archive that can be unpacked: .*password"):
        unpack(tmp_path, "x.zip", bytes(content))


@EVERY
@pytest.mark.parametrize(
    "broken",
    [
        lambda packed: b"",
        lambda packed: b"<html>not found</html>" * 99,
        lambda packed: packed[: len(packed) // 2],
    ],
)
def test_what_is_no_whole_archive_is_refused(
    tmp_path: Path, name: str, broken: Callable[[bytes], bytes]
) -> None:
    with pytest.raises(UserError, match=rf"^{name} must be an archive that can be unpacked: \S"):
        unpack(tmp_path, name, broken(PACKED[name](FILES)))


@pytest.mark.parametrize("name", ["x.rar", "x.7z", "photo.jpg", "zip", "x.gz"])
def test_what_is_no_archive_by_its_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match=rf"^{name} must be a folder, or an archive named .zip, .tar, "):
        unpack(tmp_path, name, b"x")
