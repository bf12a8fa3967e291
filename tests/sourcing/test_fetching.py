"""Downloads against a server that misbehaves in every way a server can."""

import errno
import hashlib
import io
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pooch
import pytest

from stages.core import folders
from stages.core.errors import UserError
from stages.sourcing import fetching, streaming
from stages.sourcing.fetching import Remote
from tests.misbehaving import (
    CONTENT,
    HALF,
    MD5,
    NAME,
    Behaviour,
    Handler,
    Server,
    failing,
    good,
    hanging_up,
    labelled_as_compressed,
    missing,
    page,
    redirecting,
    reply,
    resumable,
    silent,
    truncated,
    truncated_unannounced,
    wrong,
)
from tests.watched import Terminal


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return tmp_path / "raw" / "toy"


def fetch(raw: Path, *remotes: Remote) -> None:
    with folders.filling(raw) as folder, fetching.downloads(remotes, folder, source="toy") as paths:
        for path in paths:
            path.rename(folder / path.name)


def told(raw: Path, *remotes: Remote) -> str:
    """The one line of the error, once sure that it left nothing."""
    with pytest.raises(UserError) as error:
        fetch(raw, *remotes)
    assert not raw.exists()
    assert not raw.with_name("toy.part").exists()
    assert "\n" not in str(error.value)
    return str(error.value)


def assert_complete(raw: Path) -> None:
    assert (raw / NAME).read_bytes() == CONTENT
    assert [path.name for path in raw.parent.rglob("*") if path.is_file()] == [NAME]


@pytest.mark.parametrize("behaviour", [good, resumable, labelled_as_compressed])
def test_a_file_arrives_whole_and_nothing_is_left_beside_it(
    server: Server, raw: Path, behaviour: Behaviour
) -> None:
    server.behaviours = [behaviour]
    fetch(raw, server.remote)
    assert_complete(raw)


def test_a_file_that_moved_is_followed(server: Server, raw: Path) -> None:
    server.behaviours = [redirecting, good]
    fetch(raw, server.remote)
    assert_complete(raw)


@pytest.mark.parametrize(
    ("behaviour", "said", "attempts"),
    [
        (wrong, f"md5 must be {MD5}, got {hashlib.md5(b'x' * len(CONTENT)).hexdigest()}", 3),
        (truncated_unannounced, f"md5 must be {MD5}, got .* of {HALF:,} bytes", 3),
        (truncated, f"{HALF} bytes read, {len(CONTENT) - HALF} more expected", 3),
        (page, f"md5 must be {MD5}, got an HTML page", 3),
        (missing, "HTTP 404 Not Found", 1),
        (failing, "HTTP 500 Internal Server Error", 3),
        (silent, "(?i)timed out", 3),
        (hanging_up, "closed connection without response|Connection reset by peer", 3),
    ],
)
def test_what_is_not_the_file_costs_one_line_and_the_next_run_recovers(
    server: Server,
    raw: Path,
    monkeypatch: pytest.MonkeyPatch,
    behaviour: Behaviour,
    said: str,
    attempts: int,
) -> None:
    monkeypatch.setattr(streaming, "TIMEOUT", 0.3)
    server.behaviours = [behaviour]
    line = told(raw, server.remote)
    assert line.startswith(f"toy: cannot fetch {NAME} from {server.remote.urls[0]}: ")
    assert re.search(said, line), line
    assert len(server.asked) == attempts
    server.behaviours = [good]
    fetch(raw, server.remote)
    assert_complete(raw)


@pytest.mark.parametrize(
    "behaviour",
    [wrong, truncated, truncated_unannounced, failing, silent, hanging_up],
    ids=lambda b: b.__name__,
)
@pytest.mark.parametrize("recovered", [good, resumable])
def test_a_break_is_survived(
    server: Server, raw: Path, monkeypatch: pytest.MonkeyPatch, behaviour: Behaviour, recovered: Behaviour
) -> None:
    monkeypatch.setattr(streaming, "TIMEOUT", 0.3)
    server.behaviours = [behaviour, recovered]
    fetch(raw, server.remote)
    assert_complete(raw)


def test_a_break_is_resumed_where_it_happened(server: Server, raw: Path) -> None:
    server.behaviours = [truncated, failing, resumable]
    fetch(raw, server.remote)
    assert server.asked == [None, f"bytes={HALF}-", f"bytes={HALF}-"]
    assert_complete(raw)


def test_the_next_run_goes_on_where_the_last_one_broke(server: Server, raw: Path) -> None:
    server.behaviours = [truncated, failing]
    told(raw, server.remote)
    server.behaviours, server.asked = [resumable], []
    fetch(raw, server.remote)
    assert server.asked == [f"bytes={HALF}-"]
    assert_complete(raw)


def test_the_next_run_does_not_ask_again_for_the_files_that_came(server: Server, raw: Path) -> None:
    other = Remote("labels.gz", MD5, (f"{server.url}/labels.gz",))
    server.behaviours = [good, missing]
    told(raw, server.remote, other)
    server.behaviours, server.asked = [good], []
    fetch(raw, server.remote, other)
    assert len(server.asked) == 1
    assert {path.name for path in raw.iterdir()} == {NAME, "labels.gz"}


@pytest.mark.parametrize("left", [CONTENT, CONTENT + b"more", b"<html>another"])
def test_a_leftover_that_cannot_be_resumed_is_dropped(server: Server, raw: Path, left: bytes) -> None:
    store = raw.with_name("toy.downloads")
    store.mkdir(parents=True)
    (store / f"{NAME}.partial").write_bytes(left)
    server.behaviours = [resumable]
    fetch(raw, server.remote)
    assert_complete(raw)


def test_each_official_place_is_asked_in_turn(
    server: Server, raw: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.behaviours = [missing, good]
    first, second = f"{server.url}/first/{NAME}", f"{server.url}/second/{NAME}"
    fetch(raw, Remote(NAME, MD5, (first, second)))
    assert_complete(raw)
    assert capsys.readouterr().err.splitlines() == [
        f"toy: {NAME} from {first}",
        f"toy: not from {first}: HTTP 404 Not Found",
        f"toy: {NAME} from {second}",
    ]


def test_the_error_names_every_place_that_was_asked(server: Server, raw: Path) -> None:
    server.behaviours = [missing]
    urls = (f"{server.url}/first", f"{server.url}/second")
    line = told(raw, Remote(NAME, MD5, urls))
    assert all(f"{url}: HTTP 404 Not Found" in line for url in urls)


def test_a_refused_connection_costs_one_line(server: Server, raw: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/{NAME}"
    assert told(raw, Remote(NAME, MD5, (url,))).endswith(f"from {url}: Connection refused")
    fetch(raw, server.remote)
    assert_complete(raw)


def test_no_network_costs_one_line(server: Server, raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unresolved(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    with monkeypatch.context() as offline:
        offline.setattr(socket, "getaddrinfo", unresolved)
        line = told(raw, Remote(NAME, MD5, (f"http://data.example/{NAME}",)))
    assert line.endswith(f"from http://data.example/{NAME}: Temporary failure in name resolution")
    fetch(raw, server.remote)
    assert_complete(raw)


def test_a_full_disk_costs_one_line_and_the_next_run_recovers(
    server: Server, raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Any, __: str, file: io.BytesIO, ___: None) -> None:
        file.write(CONTENT[:1000])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(pooch.HTTPDownloader, "__call__", full)
        line = told(raw, server.remote)
    assert line == f"toy: cannot write {raw.with_name('toy.downloads') / NAME}: No space left on device"
    server.behaviours = [resumable]
    fetch(raw, server.remote)
    assert_complete(raw)


def test_a_disk_that_really_refuses_to_write_costs_one_line(server: Server, raw: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (HALF, before[1]))
    try:
        line = told(raw, server.remote)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert line.endswith(f"{NAME}: File too large")
    fetch(raw, server.remote)
    assert_complete(raw)


def test_a_failed_run_leaves_an_earlier_folder_as_it_was(server: Server, raw: Path) -> None:
    fetch(raw, server.remote)
    server.behaviours = [missing]
    with pytest.raises(UserError):
        fetch(raw, server.remote)
    assert_complete(raw)


KILLED = """
import sys
from pathlib import Path
from stages.core import folders
from stages.sourcing import fetching
with folders.filling(Path(sys.argv[1])) as folder:
    remote = fetching.Remote(sys.argv[2], sys.argv[3], (sys.argv[4],))
    with fetching.downloads([remote], folder, source="toy"):
        pass
"""


def test_a_download_killed_in_the_middle_leaves_nothing_and_is_resumed(server: Server, raw: Path) -> None:
    def stuck(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.write(CONTENT[:HALF])
        handler.wfile.flush()
        dead.wait(30)

    dead, partial = threading.Event(), raw.with_name("toy.downloads") / f"{NAME}.partial"
    server.behaviours = [stuck]
    command = [sys.executable, "-c", KILLED, str(raw), NAME, MD5, server.remote.urls[0]]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 30
        while not (partial.exists() and partial.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    dead.set()
    arrived = partial.stat().st_size
    assert 0 < arrived <= HALF
    assert not raw.exists()
    server.behaviours, server.asked = [resumable], []
    fetch(raw, server.remote)
    assert server.asked == [f"bytes={arrived}-"]
    assert_complete(raw)


NAMED = f"someone/model/0123abc/{NAME}"  # which nobody else has the name of


def said(digest: str) -> Behaviour:
    """A server that leads elsewhere, and tells the SHA-256 of what lies there."""

    def leading(handler: Handler) -> None:
        reply(handler, b"", status=302, length=0, Location="/moved", X_Linked_Etag=digest)

    return leading


@pytest.mark.parametrize("spelled", ['"{}"', "{}", 'W/"{}"'])
def test_where_nobody_wrote_a_digest_down_the_servers_own_is_asked_for(
    server: Server, raw: Path, spelled: str
) -> None:
    remote = Remote(NAMED, "", server.remote.urls)
    digest = hashlib.sha256(CONTENT).hexdigest()
    server.behaviours = [said(spelled.format(digest)), truncated_unannounced] * 3
    assert f"sha256 must be {digest}, got " in told(raw, remote)
    server.behaviours = [said(spelled.format(digest)), good]
    fetch(raw, remote)
    assert_complete(raw)


def test_a_digest_that_was_written_down_is_worth_more_than_the_servers(server: Server, raw: Path) -> None:
    server.behaviours = [said("0" * 64), good]
    fetch(raw, server.remote)
    assert_complete(raw)


@pytest.mark.parametrize("digest", ["", "0" * 40, "0" * 63])
def test_what_is_no_sha256_says_nothing(server: Server, raw: Path, digest: str) -> None:
    server.behaviours = [said(digest), good]
    fetch(raw, Remote(NAMED, "", server.remote.urls))
    assert_complete(raw)


def test_what_came_without_a_digest_is_asked_for_again(server: Server, raw: Path) -> None:
    named, other = Remote(NAMED, "", server.remote.urls), Remote("other", MD5, (f"{server.url}/other",))
    server.behaviours = [wrong, missing]
    told(raw, named, other)
    server.behaviours, server.asked = [good], []
    fetch(raw, named)
    assert server.asked == [None]
    assert_complete(raw)


def test_a_break_is_resumed_for_the_file_of_that_name_alone(server: Server, raw: Path) -> None:
    server.behaviours = [truncated, failing]
    told(raw, Remote(NAMED, "", server.remote.urls))
    server.behaviours, server.asked = [resumable], []
    fetch(raw, Remote(NAMED.replace("0123abc", "4567def"), "", server.remote.urls))
    assert server.asked == [None]
    assert_complete(raw)


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


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_the_algorithm_of_a_checksum_is_known_by_its_length(
    server: Server, raw: Path, algorithm: str
) -> None:
    digest = hashlib.new(algorithm, CONTENT).hexdigest()
    server.behaviours = [wrong]
    line = told(raw, Remote(NAME, digest, server.remote.urls))
    other = hashlib.new(algorithm, b"x" * len(CONTENT)).hexdigest()
    assert f"{algorithm} must be {digest}, got {other} of {len(CONTENT):,} bytes" in line
    server.behaviours = [good]
    fetch(raw, Remote(NAME, digest, server.remote.urls))
    assert_complete(raw)


def test_a_mirror_may_be_a_url(server: Server, raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(fetching.MIRROR, f"{server.url}/mirror/")
    fetch(raw, Remote(NAME, MD5))
    assert_complete(raw)
    assert len(server.asked) == 1


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


@pytest.mark.parametrize(("stderr", "bars"), [(Terminal, True), (io.StringIO, False)])
def test_a_progress_bar_is_for_a_terminal_alone(
    server: Server,
    raw: Path,
    monkeypatch: pytest.MonkeyPatch,
    stderr: type[io.StringIO],
    bars: bool,
) -> None:
    watched = stderr()
    monkeypatch.setattr(sys, "stderr", watched)
    fetch(raw, server.remote)
    line, _, bar = watched.getvalue().partition("\n")
    assert line == f"toy: {NAME} from {server.remote.urls[0]}"
    assert ("B/s" in bar) == bars
