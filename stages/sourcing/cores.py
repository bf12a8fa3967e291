"""Work on every core, by threads: Pillow, numpy and hashing go without the lock of the interpreter."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")

_AHEAD = 8  # results a core that may wait to be taken


def count() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def each(work: Callable[..., Result], *items: Iterable[Any]) -> Iterator[Result]:
    """`map(work, *items)`: the results in the order of the items, whatever the number of cores."""
    with ThreadPoolExecutor(count()) as pool:
        waiting: deque[Future[Result]] = deque()
        for arguments in zip(*items, strict=True):
            waiting.append(pool.submit(work, *arguments))
            if len(waiting) > _AHEAD * count():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
