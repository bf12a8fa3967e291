"""Downloads against a server that misbehaves in every way a server can."""

import errno
import hashlib
import io
import os
import re
import resource
import socket
import sys
from pathlib import Path
from typing import Any

import pooch
import pytest

from stages.core.errors import UserError
from stages.sourcing import streaming
from stages.sourcing.fetching import Remote
from tests.fetched import assert_complete, fetch, told
from tests.misbehaving import (
    CONTENT,
    HALF,
    MD5,
    NAME,
    Behaviour,
    Server,
    busy,
    failing,
    good,
    hanging_up,
    labelled_as_compressed,
    missing,
    page,
    redirecting,
    resumable,
    silent,
    truncated,
    truncated_unannounced,
    wrong,
)
from tests.watched import Terminal


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
        (busy, "HTTP 429 Too Many Requests", 3),
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
