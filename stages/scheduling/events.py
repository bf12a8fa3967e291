"""What a crew hears of: lines that jobs write, their ends, and signals that ask it to stop."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import NamedTuple, TypeAlias

from stages.scheduling.jobs import Job

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Said(NamedTuple):
    """A line of a job."""

    job: Job
    line: str


class Ended(NamedTuple):
    """The end of a job."""

    job: Job
    failed: tuple[str, ...]  # stages, behind the first of which no other was run


Events: TypeAlias = "SimpleQueue[Said | Ended | signal.Signals]"


@contextmanager
def signals(events: Events) -> Iterator[None]:
    """Signals become events among others: none comes between the start of a process and the note of it."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    heeded = [number for number, handler in before.items() if handler != signal.SIG_IGN]  # nohup ignores one
    for number in heeded:
        signal.signal(number, lambda number, _: events.put(signal.Signals(number)))
    try:
        yield
    finally:
        for number in heeded:
            signal.signal(number, before[number])
