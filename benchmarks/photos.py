"""Seconds that both cores save over one when a folder of photos is preprocessed; the bytes must be the same.

    python -m benchmarks.photos

1,000 drawn JPEGs of 500 x 375 pixels and some 70 KB each are brought to 224 x 224. The sides alternate:
`decoded` are the seconds of the source's `prepare` alone, `whole` those of `python -m stages.preprocess`,
of which the start, imports and params, some 0.2 s, stay on one core. Nothing else may run beside it.
"""

import argparse
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
from PIL import Image

from benchmarks.workspace import Workspace, scratch
from stages.core import files, paths
from stages.datasets import image_folder

WANTED = 1.7
CLASSES = ("cats", "dogs", "owls", "pigs")
NAME = "photos"


class Seconds(NamedTuple):
    """What one side took."""

    decoded: float
    whole: float


def draw(folder: Path, count: int) -> None:
    """Write photos of soft colours under noise."""
    random = np.random.RandomState(0)
    for number in range(count):
        place = folder / CLASSES[number % len(CLASSES)] / f"{number:05}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        colours = Image.fromarray(random.randint(0, 256, (24, 32, 3), dtype=np.uint8))
        soft = np.asarray(colours.resize((500, 375), Image.Resampling.BICUBIC), dtype=np.int64)
        noisy = (soft + random.randint(-12, 13, (375, 500, 1))).clip(0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(place, quality=88)


@contextmanager
def held(cores: set[int]) -> Iterator[None]:
    """This process and those that it starts on these cores alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def timed(here: Workspace, cores: set[int]) -> tuple[Seconds, str]:
    """The seconds on these cores, and the digest of what is known of the splits and theirs."""
    with held(cores), chdir(here.folder):
        started = time.perf_counter()
        image_folder.prepare(paths.raw(NAME))
        decoded = time.perf_counter() - started
        shutil.rmtree(paths.processed(NAME), ignore_errors=True)  # DVC takes outs away before a stage
        whole = here.stage("preprocess", NAME).seconds
    return Seconds(decoded, whole), files.digest(here.folder / paths.spec(NAME))


def main() -> None:
    """Measure the pairs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    every = sorted(os.sched_getaffinity(0))
    ratios = []
    with scratch() as here:
        draw(here.folder / NAME, options.count)
        here.set(f"datasets.{NAME}", {"source": "image_folder", "path": NAME, "fetch": {}})
        here.stage("download", NAME)
        timed(here, set(every))  # what is imported and read for the first time
        for _ in range(options.rounds):
            (one, digest), (both, same) = (timed(here, set(every[:count])) for count in (1, 2))
            if digest != same:
                raise SystemExit("one core and two do not give the same bytes")
            ratios.append(Seconds(one.decoded / both.decoded, one.whole / both.whole))
            for name, ours, theirs, ratio in zip(Seconds._fields, both, one, ratios[-1], strict=True):
                print(f"{name}: {theirs:.2f} s on one core, {ours:.2f} s on two: {ratio:.2f}", flush=True)
    decoded, whole = (median(side) for side in zip(*ratios, strict=True))
    print(
        f"decoded {decoded:.2f} times as fast, whole {whole:.2f} (wanted >= {WANTED}); medians of the pairs"
    )


if __name__ == "__main__":
    main()
