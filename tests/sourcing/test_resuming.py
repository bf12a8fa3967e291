"""Downloads that break off, and what the next one goes on from."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from stages.sourcing import streaming
from stages.sourcing.fetching import Remote
from tests.fetched import assert_complete, fetch, told
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
    missing,
    resumable,
    silent,
    truncated,
    truncated_unannounced,
    wrong,
)


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
