"""A worker: one DVC at one job, in a group of processes of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Collection
from contextlib import suppress
from threading import Thread

import psutil

from stages.scheduling.events import Ended, Events, Said
from stages.scheduling.jobs import Job

REPRO = (sys.executable, "-m", "dvc", "--wait-for-lock", "repro")
# How often a stage is asked to stop, a second apart, before it is stopped: Python may miss a Ctrl-C.
PATIENCE = 10


class Worker:
    """Processes at work, whose lines and end become events."""

    def __init__(self, job: Job, events: Events) -> None:
        """Start; without a stage the job is whatever DVC finds to do."""
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
        with self._process as process:
            for line in process.stdout or ():
                events.put(Said(job, line.rstrip()))
        events.put(Ended(job, failed=process.returncode != 0))

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

    def wait(self, seconds: float) -> None:
        """Wait for the end, so long at most."""
        self._listener.join(seconds)

    def kill(self) -> None:
        """End all of it, wherever it is."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


def stop(workers: Collection[Worker]) -> None:
    """Stop workers, as Ctrl-C does, then less kindly; what DVC begins meanwhile is stopped too."""
    for number in [signal.SIGINT] * PATIENCE + [signal.SIGKILL] * 10 * PATIENCE:
        left = [worker for worker in workers if worker.at_work]
        for worker in left:
            worker.signal(number)
        for worker in left:
            worker.wait(1)
    for worker in workers:
        if worker.at_work:
            worker.kill()
