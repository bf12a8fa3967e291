"""The bytes of a file of tensors, as safetensors lays them out; they need not fit into memory.

Form: https://huggingface.co/docs/safetensors/index#format
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from math import prod
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

# What it calls the numbers that torch has, numpy most of them. The last come first, so that each lies at a
# multiple of its size.
TYPES = {
    "bool": "BOOL",
    "uint8": "U8",
    "int8": "I8",
    "float8_e5m2": "F8_E5M2",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e8m0fnu": "F8_E8M0",
    "float8_e4m3fnuz": "F8_E4M3FNUZ",
    "float8_e5m2fnuz": "F8_E5M2FNUZ",
    "int16": "I16",
    "uint16": "U16",
    "float16": "F16",
    "bfloat16": "BF16",
    "int32": "I32",
    "uint32": "U32",
    "float32": "F32",
    "float64": "F64",
    "int64": "I64",
    "uint64": "U64",
}
_PLACES = {dtype: place for place, dtype in enumerate(TYPES)}
_LINE = 8  # bytes


@runtime_checkable
class InPieces(Protocol):
    """An array that is in memory only piece by piece."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    def pieces(self) -> Iterator[NDArray[Any]]:
        """All of its rows, some at a time."""


@runtime_checkable
class _OfTorch(Protocol):
    """A tensor of torch, known without an import of torch."""

    def untyped_storage(self) -> Any:
        """Its bytes, whatever their type."""


Writable: TypeAlias = "NDArray[Any] | Tensor | InPieces"


def check(tensors: Mapping[str, object]) -> None:
    """Hold tensors against what can be written.

    Raises:
        ValueError: one is of numbers that safetensors have no name for, or is no tensor.
    """
    for name, tensor in tensors.items():
        if (kind := _type(tensor)) not in TYPES:
            raise ValueError(f"{name} must be a dense tensor of numbers that safetensors hold, got {kind}")


def contents(tensors: Mapping[str, Writable], said: Mapping[str, str]) -> Iterator[bytes | memoryview]:
    """Piece by piece what safetensors' own `save_file` writes, which wants all of it in memory."""
    ordered = dict(sorted(tensors.items(), key=lambda item: (-_PLACES[_type(item[1])], item[0])))
    yield _head(ordered, said)
    for tensor in ordered.values():
        for piece in _pieces(tensor):
            yield piece.data


def _type(tensor: object) -> str:
    """What numpy and torch call its numbers, or what it is where it holds no row of them."""
    layout = str(getattr(tensor, "layout", "torch.strided"))
    dtype = getattr(tensor, "dtype", type(tensor).__name__) if layout == "torch.strided" else layout
    return getattr(dtype, "name", str(dtype)).removeprefix("torch.")


def _pieces(tensor: Writable) -> Iterable[NDArray[Any]]:
    """All of its numbers, of the last axis behind each other, the lowest byte of each first."""
    if isinstance(tensor, InPieces):
        return tensor.pieces()
    if isinstance(tensor, _OfTorch):
        import torch

        # As bytes: numpy has not all of the types.
        return (tensor.detach().contiguous().flatten().view(torch.uint8).numpy(),)
    return (np.asarray(tensor, tensor.dtype.newbyteorder("<"), order="C"),)


def _head(tensors: Mapping[str, Writable], said: Mapping[str, str]) -> bytes:
    """The length of what follows, what is said, and where each tensor lies."""
    layout: dict[str, Any] = {"__metadata__": said} if said else {}
    end = 0
    for name, tensor in tensors.items():
        start, end = end, end + prod(tensor.shape) * tensor.dtype.itemsize
        layout[name] = {
            "dtype": TYPES[_type(tensor)],
            "shape": tuple(tensor.shape),
            "data_offsets": (start, end),
        }
    text = json.dumps(layout, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % _LINE)
    return len(text).to_bytes(_LINE, "little") + text
