"""The memory that a process frees and takes again."""

import ctypes
import gc

# Of glibc's malloc.h: from what size on memory is taken from the system and handed back by itself, and how
# much may lie unused before some is handed back. The first is the most that glibc comes to unasked, and that
# older ones take: larger tensors would leave holes that none fits into.
_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1
_KEPT = {_MMAP_THRESHOLD: 2**25, _TRIM_THRESHOLD: 2**31 - 1}
# How many new objects may lie about before those are looked for that hold only each other.
_MANY = 1_000


def keep() -> None:
    """Keep what is freed for the next tensor, where the C library can be told so (glibc).

    Unasked it hands memory back and gets it anew, a page at a time and every page cleared: a tenth of a step
    whose batches differ in length.
    """
    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    if tell:
        for parameter, value in _KEPT.items():
            tell(parameter, value)


def sweep() -> None:
    """From now on find garbage soon, in what is new alone: a step may leave large tensors lying."""
    gc.freeze()
    gc.set_threshold(_MANY)
