"""A worker: one DVC at one job, in a group of processes of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Collection
from contextlib import suppress
from threading import Thread

from stages.scheduling import pipeline
from stages.scheduling.events import Ended, Events, Said
from stages.scheduling.jobs import Job

REPRO = (sys.executable, "-m", "dvc", "--wait-for-lock", "repro")
# Seconds in which what is asked to stop has to.
GRACE = 10


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

    def ask(self) -> None:
        """Ask the processes to stop, as Ctrl-C does."""
        self._signal(signal.SIGINT)

    def end(self) -> None:
        """See to it that none is left."""
        self._listener.join(GRACE)
        self._signal(signal.SIGKILL)
        self._listener.join()

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


def stop(workers: Collection[Worker]) -> None:
    """Stop workers wherever they are, but for writing dvc.lock."""
    if workers:
        with pipeline.unwritten():
            for worker in workers:
                worker.ask()
        for worker in workers:
            worker.end()
