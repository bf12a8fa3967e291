"""A split on disk: tensors `x` and `y`, taken row by row; a large one is never in memory whole."""

import json
import mmap
import os
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self

import torch
from torch import Tensor

from stages.core import files, paths
from stages.core.errors import UserError

# Up to this size a split is taken from mapped memory, which is twice as fast as reading. Of a larger one rows
# are read: the kernel maps whole folios, up to 2 MiB for a row of 3 KiB, and they would all count as ours.
_MAPPED = 64 * 2**20
_DTYPES = {"U8": torch.uint8, "I64": torch.int64, "F32": torch.float32}


class Batch(NamedTuple):
    """Examples: inputs `x` (B, ...) as the network takes them, targets `y` (B, ...)."""

    x: Tensor
    y: Tensor


def write(path: Path, *, x: Tensor, y: Tensor) -> str:
    """Write a split and return its SHA-256."""
    from safetensors.torch import save_file

    with files.replacing(path) as partial:
        save_file({"x": x.contiguous(), "y": y.contiguous()}, partial)
        return files.digest(partial)


class Split:
    """The examples of one split, as they lie on disk.

    Images `x` are uint8 (N, C, H, W), labels `y` int64 (N).
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            dataset = path.parent.name
            raise UserError(f"{path} is missing: run `dvc repro preprocess@{dataset}` first")
        self._file = path.open("rb")
        weakref.finalize(self, self._file.close)
        # A private mapping: torch wants writable memory, the file must never change.
        self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_COPY)
        head = 8 + int.from_bytes(self._map[:8], "little")
        layout = json.loads(self._map[8:head])
        self.x, self.y = (self._tensor(layout[name], head) for name in ("x", "y"))
        self._first = head + layout["x"]["data_offsets"][0]

    def _tensor(self, entry: dict[str, list[int] | str], head: int) -> Tensor:
        shape, offsets = entry["shape"], entry["data_offsets"]
        dtype = _DTYPES[str(entry["dtype"])]
        count = (int(offsets[1]) - int(offsets[0])) // dtype.itemsize
        flat = torch.frombuffer(self._map, dtype=dtype, count=count, offset=head + int(offsets[0]))
        return flat.reshape([int(size) for size in shape])

    def __len__(self) -> int:
        return len(self.y)

    def to(self, device: torch.device) -> Self:
        """Move the whole split to the accelerator if that takes less than half of its free memory."""
        if device.type == "cuda" and self.x.nbytes < torch.cuda.mem_get_info(device)[0] / 2:
            self.x, self.y = self.x.to(device), self.y.to(device)
        return self

    def take(self, rows: Tensor | slice) -> Batch:
        """The examples of those rows, copied; a slice goes in steps of one."""
        if isinstance(rows, Tensor):
            rows = rows.to(self.x.device)
            y = self.y.index_select(0, rows)
        else:
            y = self.y[rows].clone()
        if self.x.device.type == "cpu" and self.x.nbytes > _MAPPED:
            return Batch(self._read(rows), y)
        return Batch(self.x.index_select(0, rows) if isinstance(rows, Tensor) else self.x[rows].clone(), y)

    def _read(self, rows: Tensor | slice) -> Tensor:
        numbers = rows.tolist() if isinstance(rows, Tensor) else range(*rows.indices(len(self)))
        x = torch.empty((len(numbers), *self.x.shape[1:]), dtype=self.x.dtype)
        content, row = x.numpy().data.cast("B"), self.x[0].nbytes
        starts, size = (numbers, row) if isinstance(rows, Tensor) else (numbers[:1], x.nbytes)
        for place, start in enumerate(starts):
            into = content[place * size : (place + 1) * size]
            if os.preadv(self._file.fileno(), [into], self._first + start * row) != size:
                raise UserError(f"{self._file.name} is cut short: run `dvc repro -f` for its data set")
        return x

    def batches(self, size: int) -> Iterator[Batch]:
        """All examples in order, in batches of nearly equal size, at most `size`."""
        for rows in torch.arange(len(self)).tensor_split(parts(len(self), size)):
            yield self.take(slice(int(rows[0]), int(rows[-1]) + 1))


def parts(examples: int, size: int) -> int:
    """How many batches of at most `size` it takes; cut evenly, their sizes differ by one at most."""
    return -(-examples // size)


def load(dataset: str, split: str) -> Split:
    """A split of a preprocessed data set."""
    return Split(paths.split(dataset, split))
