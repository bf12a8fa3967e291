"""Between epochs a run is safe: killed at any moment and started again, it ends in the same bytes.

Checkpoints are no DVC outs. DVC deletes outs before a stage runs, and would keep stale ones with `persist`;
a fingerprint of all that decides the result says instead whether a checkpoint is this run's.
"""

import fcntl
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel

from stages.core import files
from stages.core.errors import UserError

_FOLDER = Path(".checkpoints")
_CODE = f"{Path(__file__).parents[1]}{os.sep}"


class Checkpoint:
    """The state of one run, on disk from its first epoch to its end."""

    def __init__(self, run: str, decides: object) -> None:
        self._path = _shared() / f"{run}-{fingerprint(decides)}.pt"

    def load(self) -> dict[str, Any] | None:
        """The state that was saved last, if any."""
        if not self._path.exists():
            return None
        state: dict[str, Any] = torch.load(self._path, weights_only=True)
        return state

    def save(self, state: dict[str, Any]) -> None:
        """Put `state` in the place of what was saved before.

        Raises:
            UserError: the disk is full; what was saved before is still there.
        """
        with files.replacing(self._path) as partial:
            try:
                torch.save(state, partial)
            except RuntimeError as error:  # of torch's own writer, whatever the system says
                raise OSError(f"is the disk full? {error}") from error

    def clear(self) -> None:
        """The run is over and its outs are written."""
        self._path.unlink(missing_ok=True)


def fingerprint(decides: object) -> str:
    """A digest of what decides a result: params and data, torch's version, our modules in memory."""
    loaded = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
    ours = {file.removeprefix(_CODE): files.digest(Path(file)) for file in loaded if file.startswith(_CODE)}
    told = json.dumps([decides, torch.__version__, sorted(ours.items())], default=BaseModel.model_dump)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


@contextmanager
def alone(run: str) -> Iterator[None]:
    """Hold the run against a second trainer of it in this workspace.

    Raises:
        UserError: one is at work, perhaps left behind by a DVC that was killed.
    """
    _FOLDER.mkdir(exist_ok=True)
    with (_FOLDER / f"{run}.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise UserError(
                f"another trainer of {run} is at work here (process {lock.read() or 'unknown'}): "
                "wait for it to end, or stop it"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        _sweep(run)
        yield


def _shared() -> Path:
    """Where checkpoints are: DVC_ROOT is the repository even where DVC runs an experiment in a copy of it."""
    return Path(os.environ.get("DVC_ROOT", ".")) / _FOLDER


def _sweep(run: str) -> None:
    """Take away what killed trainers of the run were writing; an experiment may be at it at this moment."""
    for partial in _shared().glob(f"{run}-*.pt.*.part"):
        try:
            os.kill(int(partial.suffixes[-2].removeprefix(".")), 0)
        except ProcessLookupError:
            partial.unlink(missing_ok=True)
        except PermissionError:  # of another user, and alive
            continue
