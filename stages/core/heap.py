"""The memory that a process frees and takes again."""

import ctypes

# Of glibc's malloc.h: from what size on memory is taken from the system and handed back by itself, and how
# much may lie unused before some is handed back; with sizes that few networks reach.
_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1
_BEYOND = {_MMAP_THRESHOLD: 2**30, _TRIM_THRESHOLD: 2**31 - 1}


def keep() -> None:
    """Keep what is freed for the next tensor, where the C library can be told so (glibc).

    Unasked it hands the memory of each large tensor back and gets it anew, a page at a time and every page
    cleared: a tenth of a step whose batches differ in length.
    """
    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    if tell:
        # Where the first is refused, as before glibc 2.35, the second alone would make things worse.
        all(tell(parameter, value) for parameter, value in _BEYOND.items())
