"""A mirror, asked before the official places."""

import errno
import io
import os
from pathlib import Path
from typing import Any

import pytest

from stages.sourcing import fetching
from stages.sourcing.fetching import Remote
from tests.fetched import assert_complete, fetch, told
from tests.misbehaving import CONTENT, HALF, MD5, NAME, Server, failing, good, missing, resumable, truncated


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty mirror."""
    monkeypatch.setenv(fetching.MIRROR, str(tmp_path / "mirror"))
    folder = tmp_path / "mirror" / "toy"
    folder.mkdir(parents=True)
    return folder


def lock(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Keep out of a folder whoever runs the tests, as permissions do unless that is root."""
    ask, stat, opened = os.access, Path.stat, Path.open

    def locked(path: str | Path) -> bool:
        return folder in Path(path).parents

    def refuse() -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "access", lambda path, mode: not locked(path) and ask(path, mode))
    monkeypatch.setattr(Path, "stat", lambda path, **o: refuse() if locked(path) else stat(path, **o))
    monkeypatch.setattr(
        Path, "open", lambda path, *a, **o: refuse() if locked(path) else opened(path, *a, **o)
    )


def test_the_mirror_is_asked_first(server: Server, raw: Path, mirror: Path) -> None:
    (mirror / NAME).write_bytes(CONTENT)
    fetch(raw, server.remote)
    assert server.asked == []
    assert_complete(raw)


def test_a_mirror_that_lacks_the_file_is_told_and_the_official_place_is_asked(
    server: Server, raw: Path, mirror: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch(raw, server.remote)
    assert_complete(raw)
    assert f"toy: not from {mirror / NAME}: no such file\n" in capsys.readouterr().err


def test_a_mirror_that_cannot_be_read_is_told_and_the_official_place_is_asked(
    server: Server,
    raw: Path,
    mirror: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (mirror / NAME).write_bytes(CONTENT)
    lock(monkeypatch, mirror)
    fetch(raw, server.remote)
    assert_complete(raw)
    assert f"toy: not from {mirror / NAME}: cannot read it: Permission denied\n" in capsys.readouterr().err
    assert not fetching.mirrored([server.remote], source="toy")


def test_a_folder_in_the_place_of_a_mirrors_file_is_no_such_file(server: Server, mirror: Path) -> None:
    (mirror / NAME).mkdir()
    assert not fetching.mirrored([server.remote], source="toy")
    (mirror / NAME).rmdir()
    (mirror / NAME).write_bytes(CONTENT)
    assert fetching.mirrored([server.remote], source="toy")


def test_a_mirror_that_breaks_while_it_is_read_is_told_and_the_official_place_is_asked(
    server: Server,
    raw: Path,
    mirror: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Breaking(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return super().read(HALF)

    real = Path.open

    def broken(path: Path, *given: Any, **options: Any) -> Any:
        return Breaking(CONTENT) if path == mirror / NAME else real(path, *given, **options)

    monkeypatch.setattr(Path, "open", broken)
    fetch(raw, server.remote)
    assert_complete(raw)
    assert f"toy: not from {mirror / NAME}: cannot read it: Input/output error\n" in capsys.readouterr().err


def test_a_mirror_that_lacks_the_file_costs_nothing_of_what_came_before(
    server: Server, raw: Path, mirror: Path
) -> None:
    server.behaviours = [truncated, failing]
    told(raw, server.remote)
    server.behaviours, server.asked = [resumable], []
    fetch(raw, server.remote)
    assert server.asked == [f"bytes={HALF}-"]


def test_a_mirror_in_a_folder_that_may_not_be_entered_is_an_error(
    server: Server, raw: Path, mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(fetching.MIRROR, str(mirror))
    lock(monkeypatch, mirror.parent)
    assert told(raw, server.remote) == f"DATA_MIRROR must be a folder or an http(s) URL, got {str(mirror)!r}"


def test_a_mirror_is_held_against_the_checksum(server: Server, raw: Path, mirror: Path) -> None:
    (mirror / NAME).write_bytes(b"not these")
    server.behaviours = [missing]
    assert f"{mirror / NAME}: md5 must be {MD5}, got" in told(raw, server.remote)
    server.behaviours = [good]
    fetch(raw, server.remote)
    assert_complete(raw)


def test_a_mirror_may_be_a_url(
    server: Server, raw: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(fetching.MIRROR, f"{server.url}/mirror/")
    fetch(raw, Remote(NAME, MD5))
    assert_complete(raw)
    assert len(server.asked) == 1
    assert capsys.readouterr().err == f"toy: {NAME} from {server.url}/mirror/toy/{NAME}\n"


def test_a_mirror_that_is_nowhere_is_an_error(
    server: Server, raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(fetching.MIRROR, "/no/such/folder")
    assert told(raw, server.remote) == (
        "DATA_MIRROR must be a folder or an http(s) URL, got '/no/such/folder'"
    )


def test_what_a_mirror_holds_can_be_asked(
    server: Server, mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, lacking = Remote(NAME, MD5), Remote("other", MD5)
    (mirror / NAME).write_bytes(CONTENT)
    assert fetching.mirrored([held], source="toy")
    assert not fetching.mirrored([held, lacking], source="toy")
    monkeypatch.setenv(fetching.MIRROR, server.url)
    assert fetching.mirrored([held], source="toy")
    assert not fetching.mirrored([held, lacking], source="toy")
    monkeypatch.delenv(fetching.MIRROR)
    assert not fetching.mirrored([held], source="toy")
