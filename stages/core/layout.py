"""The bytes of a file of tensors, as safetensors lays them out; they need not fit into memory.

Form: https://huggingface.co/docs/safetensors/index#format
"""

import json
from collections.abc import Iterator, Mapping
from math import prod
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

# The last come first, so that each number lies at a multiple of its size.
_NAMES = {
    "bool": "BOOL",
    "uint8": "U8",
    "int8": "I8",
    "int16": "I16",
    "uint16": "U16",
    "float16": "F16",
    "int32": "I32",
    "uint32": "U32",
    "float32": "F32",
    "float64": "F64",
    "int64": "I64",
    "uint64": "U64",
}
_PLACES = {dtype: place for place, dtype in enumerate(_NAMES)}
_LINE = 8  # bytes


@runtime_checkable
class InPieces(Protocol):
    """An array that is in memory only piece by piece."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    def pieces(self) -> Iterator[NDArray[Any]]:
        """All of its rows, some at a time."""


Writable: TypeAlias = ArrayLike | InPieces


def contents(tensors: Mapping[str, Writable], said: Mapping[str, str]) -> Iterator[bytes | memoryview]:
    """Piece by piece what safetensors' own `save_file` writes, which wants all of it in memory."""
    arrays = {
        name: tensor if isinstance(tensor, InPieces) else np.asarray(tensor, order="C")
        for name, tensor in tensors.items()
    }
    ordered = dict(sorted(arrays.items(), key=lambda item: (-_PLACES[item[1].dtype.name], item[0])))
    yield _head(ordered, said)
    for array in ordered.values():
        for piece in array.pieces() if isinstance(array, InPieces) else (array,):
            yield piece.data


def _head(arrays: Mapping[str, NDArray[Any] | InPieces], said: Mapping[str, str]) -> bytes:
    """The length of what follows, what is said, and where each tensor lies."""
    layout: dict[str, Any] = {"__metadata__": said} if said else {}
    end = 0
    for name, array in arrays.items():
        start, end = end, end + prod(array.shape) * array.dtype.itemsize
        layout[name] = {
            "dtype": _NAMES[array.dtype.name],
            "shape": array.shape,
            "data_offsets": (start, end),
        }
    text = json.dumps(layout, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % _LINE)
    return len(text).to_bytes(_LINE, "little") + text
