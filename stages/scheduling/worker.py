"""A worker: one DVC at one job, in a group of processes of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from queue import Empty
from threading import Thread

import psutil

from stages.scheduling.events import Ended, Events, Said
from stages.scheduling.jobs import Job

REPRO = (sys.executable, "-m", "dvc", "--wait-for-lock", "repro")
# How often a stage is asked to stop, a second apart, before it is stopped: Python may miss a Ctrl-C.
PATIENCE = 10

_FAILED = re.compile(r"failed to reproduce '(.+?)'")


class Worker:
    """Processes at work, whose lines and end become events."""

    def __init__(self, job: Job, events: Events) -> None:
        """Start."""
        # Without looking at what stands above, which other workers may be looking at.
        alone = ["--single-item", *job.stages] if job.stages else []
        self._process = subprocess.Popen(  # noqa: S603  DVC's own names of stages
            [*REPRO, *alone],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0,
        )
        self._listener = Thread(target=self._listen, args=(job, events), daemon=True)
        self._listener.start()

    def _listen(self, job: Job, events: Events) -> None:
        failed = job.stages or (job.name,)  # all of it, unless DVC names one
        with self._process as process:
            for line in process.stdout or ():
                events.put(Said(job, line.rstrip()))
                if (found := _FAILED.search(line)) and (found[1] in job.stages or not job.stages):
                    failed = (found[1],)
        events.put(Ended(job, failed if process.returncode else ()))

    @property
    def at_work(self) -> bool:
        """Whether any of the processes may still write a line."""
        return self._listener.is_alive()

    def signal(self, number: int) -> None:
        """Send a signal to what DVC runs, by whose end it ends; it may itself be writing dvc.lock."""
        with suppress(psutil.NoSuchProcess):
            for process in psutil.Process(self._process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(number)

    def kill(self) -> None:
        """End all of it, wherever it is."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


def stop(workers: Collection[Worker], events: Events) -> None:
    """Stop workers, as Ctrl-C does, then less kindly, soon if asked again; what DVC begins meanwhile too."""
    kindly, hard = PATIENCE, 10 * PATIENCE
    while (left := [worker for worker in workers if worker.at_work]) and kindly + hard:
        for worker in left:
            worker.signal(signal.SIGINT if kindly else signal.SIGKILL)
        kindly, hard = (kindly - 1, hard) if kindly else (0, hard - 1)
        if _asked_again(left, events):
            kindly = 0
    for worker in workers:
        if worker.at_work:
            worker.kill()


def _asked_again(workers: Collection[Worker], events: Events) -> bool:
    """Whether a signal comes within a second, or before the last worker's end."""
    end = time.monotonic() + 1
    while any(worker.at_work for worker in workers) and time.monotonic() < end:
        with suppress(Empty):
            if isinstance(events.get(timeout=0.05), signal.Signals):
                return True
    return False
