"""How a run shows itself: a bar where a terminal watches, plain lines in a log."""

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from stages.loop.history import Meter

if TYPE_CHECKING:
    from tqdm import tqdm

# Reading a loss waits for the accelerator: not after every batch.
_READ_EVERY = 16


class Progress:
    """Batches and epochs going by, how they go, and the time that is left."""

    def __init__(self, run: str, *, epochs: int, batches: int, done: int) -> None:
        self._run, self._epochs, self._done = run, epochs, done
        self._first, self._start = done, time.perf_counter()
        self._bar = _bar(run, total=epochs * batches, done=done * batches)
        # At most twenty lines a run, however many epochs.
        self._every = -(-epochs // 20)
        if done:
            self._say(f"{run}: resuming after epoch {done} of {epochs}")

    def batch(self, meter: Meter) -> None:
        """One more batch is done; `meter` has what it measured."""
        if self._bar is None:
            return
        self._bar.update()
        if self._bar.n % _READ_EVERY == 0:
            means = "  ".join(f"{name} {value:.4f}" for name, value in meter.means().items())
            self._bar.set_postfix_str(f"epoch {self._done + 1}/{self._epochs}  {means}", refresh=False)

    def epoch(self, train: Mapping[str, float], val: Mapping[str, float]) -> None:
        """One more epoch is done, and this is how it went on both splits."""
        self._done += 1
        if self._done % self._every and self._done < self._epochs:
            return
        elapsed = time.perf_counter() - self._start
        left = elapsed / (self._done - self._first) * (self._epochs - self._done)
        both = "  ".join(f"{name} {value:.4f} (val {val[name]:.4f})" for name, value in train.items())
        self._say(f"{self._run}: epoch {self._done}/{self._epochs}  {both}  {left:.0f} s left")

    def end(self) -> None:
        """The run is over."""
        if self._bar is not None:
            self._bar.close()

    def _say(self, line: str) -> None:
        if self._bar is None:
            print(line, flush=True)
        else:
            self._bar.write(line)


def _bar(run: str, *, total: int, done: int) -> "tqdm[None] | None":
    if not sys.stderr.isatty():
        return None
    from tqdm import tqdm

    return tqdm(total=total, initial=done, desc=run, unit="batch", leave=False)
