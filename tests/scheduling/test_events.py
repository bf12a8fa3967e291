"""Signals among the events: which are heeded, and for how long."""

import os
import signal
from queue import SimpleQueue

from stages.scheduling import events
from stages.scheduling.events import Events


def test_a_signal_is_an_event_unless_it_is_ignored_and_afterwards_all_is_as_before(heeded: None) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as `nohup` does
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    heard: Events = SimpleQueue()
    with events.signals(heard):
        for number in (signal.SIGHUP, signal.SIGTERM):
            os.kill(os.getpid(), number)
    assert heard.get(timeout=10) == signal.SIGTERM and heard.empty()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
