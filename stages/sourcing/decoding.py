"""Many pictures as pixels: decoded on every core, kept on disk."""

import os
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import UnidentifiedImageError

from stages.sourcing import disk, pictures
from stages.sourcing.pictures import Form

_AHEAD = 8  # pictures a core that may wait to be written


class Decoded(NamedTuple):
    """Pixels `x` (N, C, H, W), the places `rows` (N) of their files, and what is wrong with the others."""

    x: NDArray[np.uint8]
    rows: NDArray[np.int64]
    broken: dict[Path, str]


def decode(files: Sequence[Path], form: Form, *, title: str) -> Decoded:
    """The pictures in the order of `files`, whatever the number of cores; a terminal is shown a bar."""
    rows: list[int] = []
    broken: dict[Path, str] = {}

    def pixels() -> Iterator[NDArray[np.uint8]]:
        for place, found in enumerate(_attempts(files, form, title)):
            if isinstance(found, str):
                broken[files[place]] = found
            else:
                rows.append(place)
                yield found

    with warnings.catch_warnings():
        # Pillow warns of what it reads all the same, and of half of the size that it refuses.
        warnings.simplefilter("ignore")
        x = disk.joined(pixels(), form.shape)
    return Decoded(x, np.array(rows, np.int64), broken)


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _attempts(files: Sequence[Path], form: Form, title: str) -> Iterator[NDArray[np.uint8] | str]:
    """Of each file its pixels, or what is wrong with it."""
    from tqdm import tqdm

    bar = tqdm(total=len(files), desc=title, unit="picture", leave=False, disable=None)
    # Threads, as Pillow decodes and resizes without the lock of the interpreter.
    with ThreadPoolExecutor(cores()) as pool, bar:
        waiting: deque[Future[NDArray[np.uint8] | str]] = deque()
        for file in files:
            waiting.append(pool.submit(_attempt, file, form))
            if len(waiting) > _AHEAD * cores():
                yield waiting.popleft().result()
                bar.update()
        for last in waiting:
            yield last.result()
            bar.update()


def _attempt(file: Path, form: Form) -> NDArray[np.uint8] | str:
    content = file.read_bytes()
    try:
        return pictures.decode(content, form)
    except MemoryError:
        raise
    except UnidentifiedImageError:
        return "no picture of a known format" if content else "empty"
    except Exception as error:  # Pillow's many readers raise whatever they stumble over.
        return " ".join(str(error).split()) or type(error).__name__
