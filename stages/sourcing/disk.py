"""Arrays on disk: pixels in memory only while they are read, as many as the disk has room for."""

import tempfile
from collections.abc import Iterable
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core import paths
from stages.core.errors import UserError

_COPIED = 2**24  # bytes at a time


def joined(chunks: Iterable[NDArray[np.uint8]], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Arrays (n, ...) behind each other as one (N, ...), mapped to a file that has no name and goes with it.

    Args:
        shape: that of one row.

    Raises:
        UserError: the disk is full.
    """
    folder = paths.raw("")  # where as much as this was written before
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        for chunk in chunks:
            try:
                file.write(np.ascontiguousarray(chunk).data)
                file.flush()
            except OSError as error:
                raise UserError(f"cannot write to {folder}: {error.strerror or error}") from error
        count = file.tell() // prod(shape)
        return (
            np.memmap(file, np.uint8, "r+", shape=(count, *shape)) if count else np.empty((0, *shape), "u1")
        )


def take(x: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
    """Those rows, copied: in memory what lies there, on disk what is mapped."""
    if not isinstance(x, np.memmap):
        return x[rows]
    each = max(1, _COPIED // max(1, x[:1].nbytes))
    chunks = (x[rows[first : first + each]] for first in range(0, len(rows), each))
    return joined(chunks, x.shape[1:])
