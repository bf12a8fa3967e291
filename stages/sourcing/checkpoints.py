"""Files of weights that others wrote: tensors by name, and nothing that runs."""

import pickle
import warnings
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from stages.core.checking import shown
from stages.core.errors import UserError

# By the ending of the file that cannot be read.
_WRITERS = {".safetensors": "safetensors.torch.save_file"}


def read(file: Path) -> dict[str, Tensor]:
    """The tensors of a .safetensors file, or of a state dict as `torch.save` writes it; floats are float32.

    Raises:
        UserError: the file is neither, or holds anything beside tensors.
    """
    remedy = f"{_WRITERS.get(file.suffix, 'torch.save')}(model.state_dict(), …) writes such a file"
    try:
        content: Any = load_file(file) if file.suffix == ".safetensors" else _torch(file)
    except (MemoryError, OSError, ImportError):
        raise
    except Exception as error:  # The readers raise whatever they stumble over in a damaged file.
        rule = f"{file.name} must be safetensors or a state dict of tensors"
        raise UserError(f"{rule}: {_told(error)}; {remedy}") from error
    inner = content.get("state_dict", content) if isinstance(content, dict) else content
    if wrong := _wrong(inner):
        raise UserError(f"{file.name} must hold tensors by name and nothing else, got {wrong}; {remedy}")
    named = {str(name).removeprefix("module."): _whole(tensor) for name, tensor in inner.items()}
    if len(named) < len(inner):
        raise UserError(
            f"{file.name} must name a tensor once, with `module.` in front or without it, got both"
        )
    return named


def _told(error: Exception) -> str:
    """What a reader found wrong, in a sentence."""
    match error:
        case pickle.UnpicklingError():
            return "it is no state dict, or holds objects beside tensors"
        case SafetensorError() | RuntimeError() | EOFError() | ValueError():
            # Behind its first sentence, or within it, torch advises to run what stands in the file.
            return " ".join(str(error).split()).split(". ")[0] or "it breaks off"
    return "it is damaged"


def _whole(tensor: Tensor) -> Tensor:
    """Floats of any precision as those of the networks here."""
    return tensor.float() if tensor.is_floating_point() else tensor


def _wrong(content: Any) -> str:
    """What stands there instead of tensors by name, or ""."""
    if not isinstance(content, dict):
        return shown(type(content).__name__)
    others = [
        "a tensor without numbers (meta)" if isinstance(one, Tensor) else type(one).__name__
        for one in content.values()
        if not isinstance(one, Tensor) or one.is_meta
    ]
    return shown(others[0]) if others else "" if content else "none"


def _torch(file: Path) -> Any:
    with warnings.catch_warnings(action="ignore"):  # of what a damaged file seems to ask for
        return torch.load(file, map_location="cpu", weights_only=True)
