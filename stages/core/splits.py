"""The examples of a split: inputs `x` and targets `y`, taken row by row; never in memory whole if large."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from stages.core import paths
from stages.core.errors import UserError
from stages.core.spec import Series, Spec
from stages.core.stored import Stored

# Up to this size rows are taken from mapped memory, which is twice as fast as reading. Of a larger split
# they are read: the kernel maps whole folios, up to 2 MiB for a row of 3 KiB, which would all count as ours.
_MAPPED = 64 * 2**20
_CPU = torch.device("cpu")


class Batch(NamedTuple):
    """Examples: inputs `x` (B, ...), targets `y` (B, ...)."""

    x: Tensor
    y: Tensor


class Split:
    """The examples of one split, as they lie on disk.

    Images `x` are uint8 (N, C, H, W), texts int32 (N, T), both with labels `y` int64 (N). Windows of a
    series, float32 (N, T, C) and (N, F, C), are views: they take the memory of the series.
    `lengths` (N) are those of padded inputs, None where nothing is padded.
    """

    def __init__(
        self,
        x: Tensor,
        y: Tensor,
        lengths: Tensor | None = None,
        *,
        read: Callable[[Tensor | slice], Tensor] | None = None,
    ) -> None:
        self.x, self.y, self.lengths = x, y, lengths
        self._read = read or partial(_copied, x)

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: Tensor | slice) -> Batch:
        """The examples of those rows, copied; a slice goes in steps of one."""
        return Batch(self._read(rows), _copied(self.y, rows))


def load(spec: Spec, split: str, *, device: torch.device = _CPU) -> Split:
    """A split of a preprocessed data set; on an accelerator if half of its free memory holds it."""
    path = paths.split(spec.dataset, split)
    if not path.exists():
        raise UserError(f"{path} is missing: run `dvc repro preprocess@{spec.dataset}` first")
    stored = Stored(path)
    tensors, size = stored.tensors, stored.tensors["x"].nbytes
    if device.type == "cuda" and size < torch.cuda.mem_get_info(device)[0] / 2:
        tensors = {name: tensor.to(device) for name, tensor in tensors.items()}
    if isinstance(spec, Series):
        return windows(tensors["x"], spec)
    on_disk = size > _MAPPED and tensors["x"].device.type == "cpu"
    read = partial(stored.read, "x") if on_disk else None
    return Split(tensors["x"], tensors["y"], tensors.get("lengths"), read=read)


def windows(steps: Tensor, spec: Series) -> Split:
    """Every window of `steps` (N, C) and the horizon behind it."""
    x = steps.unfold(0, spec.window, 1)[: len(steps) - spec.window - spec.horizon + 1]
    y = steps[spec.window :, : spec.targets].unfold(0, spec.horizon, 1)
    return Split(x.transpose(1, 2), y.transpose(1, 2))  # (N, C, T) -> (N, T, C)


def parts(examples: int, size: int) -> int:
    """How many batches of at most `size` it takes; cut evenly, their sizes differ by one at most."""
    return -(-examples // size)


def _copied(tensor: Tensor, rows: Tensor | slice) -> Tensor:
    if isinstance(rows, slice):
        return tensor[rows].clone(memory_format=torch.contiguous_format)
    rows = rows.to(tensor.device)
    # Of windows, which overlap, index_select would first make a copy without overlaps.
    return tensor.index_select(0, rows) if tensor.is_contiguous() else tensor[rows]
