"""What several tests start from."""

import signal
import threading
from collections.abc import Iterator

import pytest

from stages.core.spec import Images
from stages.sourcing import fetching
from tests.misbehaving import Server

LONGEST = ("test_readme.py", "test_pipeline.py")  # the first with the slow tests, the second without them


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no core waits for them in the end."""
    items.sort(key=lambda item: (*LONGEST, item.path.name).index(item.path.name))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A local server, asked without pauses, and no mirror."""
    monkeypatch.setattr(fetching, "PAUSES", (0.0, 0.0))
    monkeypatch.delenv(fetching.MIRROR, raising=False)
    with Server() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def spec() -> Images:
    """The facts of a data set that nobody has: 8x8 grey images of three classes."""
    return Images(
        dataset="shapes",
        source="shapes",
        shape=(1, 8, 8),
        classes=("circle", "square", "triangle"),
        counts={"train": (30, 20, 10), "val": (3, 2, 1), "test": (3, 2, 1)},
        mean=(0.5,),
        std=(0.25,),
        sha256={"train": "", "val": "", "test": ""},
    )


@pytest.fixture
def heeded() -> Iterator[None]:
    """Signals that ask to stop are heeded, also where `&` or `nohup` in front of the tests ignore them."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_DFL) for number in numbers}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
