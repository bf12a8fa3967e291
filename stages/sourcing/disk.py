"""Arrays on disk: as many pixels as it has room for, in memory only while they are read."""

import tempfile
from collections.abc import Iterable, Iterator
from math import prod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stages.core import paths
from stages.core.errors import UserError

_PIECE = 2**22  # bytes: what is read, counted, hashed and written while it is in the cache of a core


class OnDisk:
    """Rows (N, ...) of an array that is mapped from disk. They are indexed as an array is, and read by numpy.

    What is taken of them are rows of the same array again, which are not read either: `np.asarray` does that.
    """

    def __init__(self, mapped: NDArray[Any], rows: NDArray[np.int64]) -> None:
        self._mapped, self._rows = mapped, rows
        self.dtype, self.shape = mapped.dtype, (len(rows), *mapped.shape[1:])

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, rows: slice | NDArray[np.int64]) -> "OnDisk":
        return OnDisk(self._mapped, self._rows[rows])

    def __array__(self, dtype: Any = None, copy: Any = None) -> NDArray[Any]:
        return self._mapped[self._rows]

    def pieces(self) -> Iterator[NDArray[Any]]:
        """All of them, read some megabytes at a time."""
        return map(np.asarray, pieces(self))

    def __iter__(self) -> Iterator[Any]:
        for piece in self.pieces():
            yield from piece


Rows: TypeAlias = NDArray[Any] | OnDisk


def joined(chunks: Iterable[NDArray[np.uint8]], shape: tuple[int, ...]) -> OnDisk:
    """Rows behind each other, mapped to a file that has no name and goes with them.

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
        every = (count, *shape)
        mapped = np.memmap(file, np.uint8, "r", shape=every) if count else np.empty(every, np.uint8)
    return OnDisk(mapped, np.arange(count))


def pieces(rows: Rows) -> Iterator[Rows]:
    """All of the rows, some megabytes at a time; what lies on disk is not read yet."""
    each = max(1, _PIECE // max(1, prod(rows.shape[1:]) * rows.dtype.itemsize))
    return (rows[first : first + each] for first in range(0, len(rows), each))
