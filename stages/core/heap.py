"""The memory that a process frees and takes again."""

import ctypes

# Their numbers in glibc's malloc.h, and values that are never reached.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_NEVER = {_TRIM_THRESHOLD: 2**31 - 1, _MMAP_THRESHOLD: 2**30}


def keep() -> None:
    """Keep what is freed for the next tensor, where the C library can be told so (glibc).

    Unasked it hands the memory of each large tensor back and gets it anew, a page at a time and every page
    cleared: a tenth of a step whose batches differ in length.
    """
    told = getattr(ctypes.CDLL(None), "mallopt", None)
    if told:
        for parameter, value in _NEVER.items():
            told(parameter, value)
