"""A crew: workers at jobs, as many at once as may be, each job after the stages that it waits for."""

from itertools import takewhile
from queue import Empty, SimpleQueue

from stages.core.errors import UserError
from stages.scheduling.events import Ended, Events, Said, signals
from stages.scheduling.jobs import REST, Graph, Job, ahead, below, group
from stages.scheduling.telling import Teller, tell
from stages.scheduling.worker import Worker, stop

# Seconds without an event after which it is told who is at work.
SILENCE = 30


class Crew:
    """At most `size` workers, and the stages for them."""

    def __init__(self, graph: Graph, *, size: int) -> None:
        jobs = group(graph)
        way = ahead(jobs)
        self._graph, self._size, self._teller = graph, size, Teller(graph, size=size)
        self._waiting = sorted(jobs, key=lambda job: -way[job])
        self._at_work: dict[Job, Worker] = {}
        self._done: set[str] = set()
        self._failed: set[str] = set()
        self._events: Events = SimpleQueue()

    def work(self) -> None:
        """Do all stages that depend on none that fails; if none has, then what `dvc repro` still finds to do.

        However this ends, no process is left.

        Raises:
            UserError: stages failed.
            SystemExit: a signal asked for it.
        """
        with signals(self._events):
            try:
                self._go_on()
                if not self._failed:
                    self._begin(REST)
                    self._go_on()
            finally:
                stop(self._at_work.values(), self._events)
        if self._failed:
            raise UserError(self._teller.verdict)

    def _go_on(self) -> None:
        """Until nobody is at work."""
        self._start()
        while self._at_work:
            self._listen()
            self._start()

    def _start(self) -> None:
        """Give jobs to whoever is free, first those with the longest way before them."""
        lost = below(self._graph, self._failed)
        able = [Job(tuple(stage for stage in job.stages if stage not in lost)) for job in self._waiting]
        self._waiting = [job for job in able if job.stages]
        for job in [job for job in self._waiting if self._above(job) <= self._done]:
            if len(self._at_work) < self._size:
                self._waiting.remove(job)
                self._begin(job)

    def _above(self, job: Job) -> set[str]:
        """The stages of other jobs that it waits for."""
        return {above for stage in job.stages for above in self._graph[stage]}.difference(job.stages)

    def _begin(self, job: Job) -> None:
        self._at_work[job] = Worker(job, self._events)

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
                tell("stopping; the same command goes on from there")
                raise SystemExit(128 + number)

    def _end(self, job: Job, failed: tuple[str, ...]) -> None:
        """What came before a failure is done; what comes behind it waits for another worker."""
        done = [*takewhile(lambda stage: stage not in failed, job.stages)]
        self._done.update(done)
        self._teller.done(done)
        if failed:
            self._failed.update(failed)
            self._teller.failed(job, failed)
            self._waiting.insert(0, Job(job.stages[len(done) + 1 :]))
