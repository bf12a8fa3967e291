"""How a run shows itself: a bar where a terminal watches, plain lines in a log."""

import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

Item = TypeVar("Item")


class Progress:
    """Epochs going by, with the time that is left."""

    def __init__(self, run: str, *, epochs: int, done: int) -> None:
        self._run, self._epochs, self._done = run, epochs, done
        self._first, self._start = done, time.perf_counter()
        # At most twenty lines a run, however many epochs.
        self._every = -(-epochs // 20)
        if done:
            print(f"{run}: resuming after epoch {done} of {epochs}", flush=True)

    def over(self, batches: Iterable[Item], *, total: int) -> Iterator[Item]:
        """The batches of an epoch, with a bar where a terminal watches."""
        if not sys.stderr.isatty():
            return iter(batches)
        from tqdm import tqdm

        label = f"{self._run} {self._done + 1}/{self._epochs}"
        return iter(tqdm(batches, total=total, desc=label, unit="batch", leave=False))

    def epoch(self, train: Mapping[str, float], val: Mapping[str, float]) -> None:
        """One more epoch is done, and this is how it went on both splits."""
        self._done += 1
        if self._done % self._every and self._done < self._epochs:
            return
        elapsed = time.perf_counter() - self._start
        left = elapsed / (self._done - self._first) * (self._epochs - self._done)
        both = "  ".join(f"{name} {value:.4f} (val {val[name]:.4f})" for name, value in train.items())
        print(f"{self._run}: epoch {self._done}/{self._epochs}  {both}  {left:.0f} s left", flush=True)

    def stopped(self, best: int) -> None:
        """The run ended before its last epoch."""
        print(f"{self._run}: stopped after epoch {self._done}; epoch {best + 1} was the best", flush=True)
