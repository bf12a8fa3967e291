"""The pipeline: one module a stage, one room a concern, `core` as the ground floor."""

import atexit
import gc
import os
import sys

# Read once, when torch loads OpenMP: how long a thread without work looks for more before it sleeps. A tenth
# of a millisecond bridges what lies between two layers. Asleep at once it is woken late each time; looking as
# long as it does by itself, it holds up whatever else runs, such as a second experiment. What is not GNU's
# OpenMP does not know the number.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "3000")

# What is imported stays to the end: looking through it for garbage again and again takes a tenth of a short
# stage. A training, which is none, turns to `core.heap.sweep`.
gc.set_threshold(1_000_000)

_well: list[bool] = []


def end_well() -> None:
    """All is done: at its end the process need not take apart what it imported, up to a tenth of a second."""
    _well.append(True)


@atexit.register
def _end() -> None:
    """What is registered first comes last, behind all that others have to do at the end."""
    if not _well:
        gc.freeze()  # without looking through all of it for garbage once more
        return
    for stream in filter(None, (sys.stdout, sys.stderr)):
        stream.flush()
    os._exit(0)
