"""Tensors on disk, as safetensors lays them out: mapped, or read row by row."""

import json
import mmap
import os
import weakref
from pathlib import Path

import torch
from torch import Tensor

from stages.core import layout
from stages.core.errors import UserError

_DTYPES: dict[str, torch.dtype] = {kind: getattr(torch, name) for name, kind in layout.TYPES.items()}


class Stored:
    """A file of tensors; `tensors` are mapped to memory and take none before they are read."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        weakref.finalize(self, self._file.close)
        # A private mapping: torch wants writable memory, the file must never change.
        self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_COPY)
        self._head = 8 + int.from_bytes(self._map[:8], "little")
        self._layout = json.loads(self._map[8 : self._head])
        self._layout.pop("__metadata__", None)
        self.tensors = {name: self._tensor(name) for name in self._layout}

    def _first(self, name: str) -> int:
        return int(self._head + self._layout[name]["data_offsets"][0])

    def _tensor(self, name: str) -> Tensor:
        entry = self._layout[name]
        dtype, (start, end) = _DTYPES[entry["dtype"]], entry["data_offsets"]
        count = (end - start) // dtype.itemsize
        flat = torch.frombuffer(self._map, dtype=dtype, count=count, offset=self._first(name))
        return flat.reshape(entry["shape"])

    def read(self, name: str, rows: Tensor | slice) -> Tensor:
        """Those rows of a tensor, read into memory of their own; a slice goes in steps of one."""
        whole = self.tensors[name]
        numbers = rows.tolist() if isinstance(rows, Tensor) else range(*rows.indices(len(whole)))
        taken = torch.empty((len(numbers), *whole.shape[1:]), dtype=whole.dtype)
        content, row = taken.flatten().view(torch.uint8).numpy().data, whole[0].nbytes
        starts, size = (numbers, row) if isinstance(rows, Tensor) else (numbers[:1], taken.nbytes)
        for place, start in enumerate(starts):
            into = content[place * size : (place + 1) * size]
            if os.preadv(self._file.fileno(), [into], self._first(name) + start * row) != size:
                raise UserError(f"{self._file.name} is cut short: run `dvc repro -f` for its data set")
        return taken
