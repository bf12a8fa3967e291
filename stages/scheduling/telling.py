"""What is told of jobs at once: how each stage ended, what it gave notice of, and all of one that failed."""

import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterable

from stages.scheduling.jobs import Job

# What DVC says as it goes, and trainings do.
_DVC = re.compile(
    r"\t.*||Running stage '.*':|> .*|(Updating|Generating) lock file .*|Use `dvc push` .*"
    r"|To (track the changes|enable auto staging).*|Stage '.*' didn't change, skipping"
)
_EPOCH = re.compile(r".*: epoch \d+/\d+ .*")


def tell(line: str) -> None:
    """Print a line, as long as anybody reads: the work goes on behind `| head` or a closed terminal."""
    try:
        print(line, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _quote(lines: Iterable[str]) -> None:
    """Tell, below another line, what is not said anyway."""
    for line in lines:
        if not _DVC.fullmatch(line):
            tell(f"    {line}")


class Teller:
    """Tells what is done of how much, and keeps what else is said."""

    def __init__(self, stages: Iterable[str], *, size: int) -> None:
        self._left = dict.fromkeys(stages)
        self._total = len(self._left)
        self._lines: dict[Job, list[str]] = defaultdict(list)
        self._failed: list[str] = []
        self._tell(f"{self._total} stages to look at, {size} at once")

    def said(self, job: Job, line: str) -> None:
        """Pass on the last line of a stage, or DVC's where it did not run, then what it gave notice of."""
        self._lines[job].append(line)
        for stage in self._undone(job.stages):
            if line.startswith((f"{stage}: ", f"Stage '{stage}' ")):
                self._done(stage, line)
                *before, _ = self._lines.pop(job)
                _quote(known for known in before if not _EPOCH.fullmatch(known))

    def done(self, stages: Iterable[str]) -> None:
        """Stages are done, those too that were not heard of."""
        for stage in self._undone(stages):
            self._done(stage, f"{stage}: done")

    def failed(self, job: Job, stages: Iterable[str]) -> None:
        """Stages of a job failed: all that was said since others of it were done."""
        names = [*stages]
        self._failed += names
        self._tell(f"failed: {' '.join(names)}")
        _quote(self._lines[job])

    def silence(self, jobs: Iterable[Job]) -> None:
        """Nothing has been heard of for long: what was said last."""
        for job in jobs:
            names = " ".join(self._undone(job.stages)) or job.name
            self._tell(f"at work: {names}: {(self._lines[job] or ['begins'])[-1]}")

    @property
    def verdict(self) -> str:
        """What failed and what was left for it, in a sentence; empty if nothing."""
        if not self._failed:
            return ""
        waiting = [stage for stage in self._left if stage not in self._failed]
        left = f"; not run because of it: {' '.join(waiting)}" if waiting else ""
        return f"failed: {' '.join(self._failed)}{left}. Mend it, and the same command goes on from there"

    def _undone(self, stages: Iterable[str]) -> list[str]:
        return [stage for stage in stages if stage in self._left]

    def _done(self, stage: str, line: str) -> None:
        del self._left[stage]
        self._tell(line)

    def _tell(self, line: str) -> None:
        done = self._total - len(self._left)
        tell(f"[{done:{len(str(self._total))}}/{self._total}] {line}")
