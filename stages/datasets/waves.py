"""Waves: a generated series, two sines under noise, sin(0.1 t) + 0.5 sin(0.3 t) + e; it is no measurement.

Its period is 2 pi / 0.1 = 62.8 steps.
"""

from pathlib import Path

import numpy as np

from stages.core.ranges import Count, NonNegative, Seed
from stages.sourcing.examples import Record
from stages.sourcing.series import encode

__all__ = ["encode", "fetch", "prepare"]

GENERATED = True

_FILE, _COLUMN = "generated_waves.csv", "wave"


def fetch(folder: Path, *, steps: Count = 3000, noise: NonNegative = 0.1, seed: Seed = 0) -> None:
    """Generate them; e is normal with the deviation `noise`."""
    t = np.arange(steps)
    drawn = np.random.RandomState(seed).normal(scale=noise, size=steps)
    wave = np.sin(0.1 * t) + 0.5 * np.sin(0.3 * t) + drawn
    # Six digits are the same on all machines, the last of a sine are not.
    np.savetxt(folder / _FILE, wave, fmt="%.6f", header=_COLUMN, comments="")


def prepare(folder: Path) -> Record:
    """Read them."""
    return Record((_COLUMN,), np.loadtxt(folder / _FILE, skiprows=1, ndmin=1)[:, None])
