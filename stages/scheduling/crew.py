"""A crew: workers at jobs, as many at once as may be, each job after those that it waits for."""

from collections.abc import Mapping
from graphlib import TopologicalSorter
from queue import Empty, SimpleQueue

from stages.core.errors import UserError
from stages.scheduling.events import Ended, Events, Said, signals
from stages.scheduling.jobs import Job, ahead
from stages.scheduling.telling import Teller
from stages.scheduling.worker import Worker, stop

# Seconds without an event after which it is told who is at work.
SILENCE = 30


class Crew:
    """At most `size` workers, and the jobs for them."""

    def __init__(self, jobs: Mapping[Job, set[Job]], *, size: int) -> None:
        self._size, self._teller = size, Teller(jobs, size=size)
        self._order, self._ahead = TopologicalSorter(jobs), ahead(jobs)
        self._ready: list[Job] = []
        self._at_work: dict[Job, Worker] = {}
        self._events: Events = SimpleQueue()

    def work(self) -> None:
        """Do all jobs that wait for none that fails; if none has, then what `dvc repro` still finds to do.

        However this ends, no process is left.

        Raises:
            UserError: jobs failed.
            SystemExit: a signal asked for it.
        """
        self._order.prepare()
        with signals(self._events):
            try:
                self._go_on()
                if not self._teller.verdict:
                    self._ready.append(Job(()))
                    self._go_on()
            finally:
                stop(self._at_work.values())
        if self._teller.verdict:
            raise UserError(self._teller.verdict)

    def _go_on(self) -> None:
        """Until nobody is at work."""
        self._start()
        while self._at_work:
            self._listen()
            self._start()

    def _start(self) -> None:
        """Give jobs to whoever is free, first those with the longest way before them."""
        ready = sorted([*self._ready, *self._order.get_ready()], key=lambda job: -self._ahead.get(job, 0))
        free = self._size - len(self._at_work)
        for job in ready[:free]:
            self._at_work[job] = Worker(job, self._events)
        self._ready = ready[free:]

    def _listen(self) -> None:
        """Wait for an event, and see to it."""
        try:
            event = self._events.get(timeout=SILENCE)
        except Empty:
            self._teller.silence(self._at_work)
            return
        match event:
            case Said(job, line):
                self._teller.said(job, line)
            case Ended(job, failed):
                del self._at_work[job]
                self._end(job, failed)
            case number:
                print("stopping; the same command goes on from there", flush=True)
                raise SystemExit(128 + number)

    def _end(self, job: Job, failed: bool) -> None:
        if failed:
            self._teller.failed(job)
        else:
            self._teller.done(job)
            if job.stages:
                self._order.done(job)
