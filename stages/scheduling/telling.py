"""What is told of jobs at once: a line for each stage that is done, and all lines of a job that failed."""

import re
from collections import defaultdict
from collections.abc import Iterable

from stages.scheduling.jobs import Job

# What DVC says of the stage that failed, and of those that it has nothing to do for.
_FAILED = re.compile(r"failed to reproduce '(.+?)'")
_IDLE = re.compile(r"Stage '.*' didn't change, skipping|\s*")


class Teller:
    """Tells what is done of how much, and keeps what else is said."""

    def __init__(self, jobs: Iterable[Job], *, size: int) -> None:
        self._left = dict.fromkeys(stage for job in jobs for stage in job.stages)
        self._total = len(self._left)
        self._lines: dict[Job, list[str]] = defaultdict(list)
        self._failed: list[str] = []
        self._tell(f"{self._total} stages to look at, {size} at once")

    def said(self, job: Job, line: str) -> None:
        """Pass on the last line of a stage, or DVC's where it had nothing to run."""
        self._lines[job].append(line)
        for stage in self._undone(job):
            if line.startswith((f"{stage}: ", f"Stage '{stage}' ")):
                self._done(stage, line)

    def done(self, job: Job) -> None:
        """A job is done, and so are those of its stages that were not heard of."""
        for stage in self._undone(job):
            self._done(stage, f"{stage}: done")

    def failed(self, job: Job) -> None:
        """A job failed: all that was said."""
        lines = self._lines[job]
        names = [found[1] for line in lines if (found := _FAILED.search(line))] or self._undone(job)
        self._failed += names or ["dvc repro"]
        self._tell(f"failed: {' '.join(names)}")
        for line in lines:
            if not _IDLE.fullmatch(line):
                print(f"    {line}", flush=True)

    def silence(self, jobs: Iterable[Job]) -> None:
        """Nothing has been heard of for long: what was said last."""
        for job in jobs:
            self._tell(f"at work: {' '.join(self._undone(job))}: {(self._lines[job] or ['begins'])[-1]}")

    @property
    def verdict(self) -> str:
        """What failed and what was left for it, in a sentence; empty if nothing."""
        if not self._failed:
            return ""
        waiting = [stage for stage in self._left if stage not in self._failed]
        left = f"; not run because of it: {' '.join(waiting)}" if waiting else ""
        return f"failed: {' '.join(self._failed)}{left}. Mend it, and the same command goes on from there"

    def _undone(self, job: Job) -> list[str]:
        return [stage for stage in job.stages if stage in self._left]

    def _done(self, stage: str, line: str) -> None:
        del self._left[stage]
        self._tell(line)

    def _tell(self, line: str) -> None:
        done = self._total - len(self._left)
        print(f"[{done:{len(str(self._total))}}/{self._total}] {line}", flush=True)
