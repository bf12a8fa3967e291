"""A split on disk: tensors `x` and `y`, row by row, mapped into memory and never loaded whole."""

import hashlib
import json
import mmap
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from stages.core import files, paths
from stages.core.contracts import Batch
from stages.core.errors import UserError
from stages.core.spec import Spec

# Pages that were read stay counted as ours until given back; a split larger than memory must not
# stay there. Small enough to vanish beside torch itself, large enough to cost nothing.
_PAGES_KEPT = 32 * 2**20
_DTYPES = {"U8": torch.uint8, "I64": torch.int64, "F32": torch.float32}


def write(path: Path, *, x: Tensor, y: Tensor) -> str:
    """Write a split and return its SHA-256."""
    from safetensors.torch import save_file

    with files.replacing(path) as partial:
        save_file({"x": x.contiguous(), "y": y.contiguous()}, partial)
        with partial.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


class Split:
    """The examples of one split, as they lie on disk.

    Images `x` are uint8 (N, C, H, W), labels `y` int64 (N).
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            dataset = path.parent.name
            raise UserError(f"{path} is missing: run `dvc repro preprocess@{dataset}` first")
        with path.open("rb") as file:
            # A private mapping: torch wants writable memory, the file must never change.
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        head = 8 + int.from_bytes(self._map[:8], "little")
        layout = json.loads(self._map[8:head])
        self.x, self.y = (self._tensor(layout[name], head) for name in ("x", "y"))
        self._row_bytes = self.x[:1].nbytes
        self._touched = 0

    def _tensor(self, entry: dict[str, list[int] | str], head: int) -> Tensor:
        shape, offsets = entry["shape"], entry["data_offsets"]
        dtype = _DTYPES[str(entry["dtype"])]
        count = (int(offsets[1]) - int(offsets[0])) // dtype.itemsize
        flat = torch.frombuffer(self._map, dtype=dtype, count=count, offset=head + int(offsets[0]))
        return flat.reshape([int(size) for size in shape])

    def __len__(self) -> int:
        return len(self.y)

    def to(self, device: torch.device) -> None:
        """Move the whole split to an accelerator where it takes less than half of the free memory."""
        if device.type == "cuda" and self.x.nbytes < torch.cuda.mem_get_info(device)[0] / 2:
            self.x, self.y = self.x.to(device), self.y.to(device)

    def take(self, rows: Tensor | slice) -> Batch:
        """The examples of those rows, copied."""
        if isinstance(rows, Tensor):
            rows = rows.to(self.x.device)
            batch = Batch(self.x.index_select(0, rows), self.y.index_select(0, rows))
        else:
            batch = Batch(self.x[rows].clone(), self.y[rows].clone())
        self._give_back(len(batch.y))
        return batch

    def _give_back(self, rows: int) -> None:
        # The kernel maps 64 KiB around each page that is read.
        self._touched += rows * max(self._row_bytes, 2**16)
        if self._touched > _PAGES_KEPT and self.x.nbytes > _PAGES_KEPT:
            self._map.madvise(mmap.MADV_DONTNEED)
            self._touched = 0

    def batches(self, size: int) -> Iterator[Batch]:
        """All examples in order, in batches of nearly equal size, at most `size`."""
        for rows in torch.arange(len(self)).tensor_split(parts(len(self), size)):
            yield self.take(slice(int(rows[0]), int(rows[-1]) + 1))


def parts(examples: int, size: int) -> int:
    """How many batches of at most `size` it takes; cut evenly, none is left with one example."""
    return -(-examples // size)


def path(dataset: str, split: str) -> Path:
    """Where a split lies."""
    return paths.processed(dataset) / f"{split}.safetensors"


def load(dataset: str, split: str) -> Split:
    """A split of a preprocessed data set."""
    return Split(path(dataset, split))


def standardise(x: Tensor, spec: Spec) -> Tensor:
    """Inputs as networks take them: pixels in [0, 1] (B, C, H, W) less the train mean, over its deviation."""
    mean, std = (torch.tensor(values, device=x.device)[:, None, None] for values in (spec.mean, spec.std))
    return ((x - mean) / std).contiguous(memory_format=torch.channels_last)


def unit(x: Tensor) -> Tensor:
    """Pixels of uint8 as floats in [0, 1]."""
    return x.float().div_(255)
