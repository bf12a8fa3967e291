"""Work on every core, by threads: Pillow, numpy and hashing go without the lock of the interpreter."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Any, TypeVar

Result = TypeVar("Result")

_AHEAD = 8  # results a core that may wait to be taken
# Where Linux says how many microseconds of work a container may do in how many of time: by version 2 of its
# control groups, and by version 1.
_GROUP = Path("/sys/fs/cgroup")
_QUOTAS = (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"))


def count() -> int:
    """How many this process may use, of a container's quota too; a part of a core counts as one.

    joblib counts the same, but to import it takes a tenth of a second, in each stage.
    """
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min([here, *filter(None, map(_allowed, _QUOTAS))])


def each(work: Callable[..., Result], *items: Iterable[Any]) -> Iterator[Result]:
    """`map(work, *items)`: the results in the order of the items, whatever the number of cores."""
    cores = count()
    with ThreadPoolExecutor(cores) as pool:
        waiting: deque[Future[Result]] = deque()
        for arguments in zip(*items, strict=True):
            waiting.append(pool.submit(work, *arguments))
            if len(waiting) > _AHEAD * cores:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def beside(work: Callable[..., Result], *items: Iterable[Any]) -> Iterator[Iterator[Result]]:
    """`map(work, *items)`, done beside what the block does, by its end; if that fails, no more is begun."""
    with ThreadPoolExecutor(count()) as pool:
        try:
            yield pool.map(work, *items)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _allowed(files: Iterable[str]) -> int | None:
    """The cores that a quota comes to; None where these files tell of none."""
    try:
        quota, period = (int(word) for name in files for word in (_GROUP / name).read_text().split())
    except (OSError, ValueError):  # they are not there, or say that there is no limit
        return None
    return ceil(quota / period) if quota > 0 else None
