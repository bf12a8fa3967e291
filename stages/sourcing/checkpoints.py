"""Files of weights that others wrote: tensors by name, and nothing that runs."""

import pickle
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from stages.core.checking import shown
from stages.core.errors import UserError

_REMEDY = "torch.save(model.state_dict(), …) writes such a file"


def read(file: Path) -> dict[str, Tensor]:
    """The tensors of a .safetensors file, or of a state dict as `torch.save` writes it.

    Raises:
        UserError: the file is neither, or holds anything beside tensors.
    """
    try:
        content = _safetensors(file) if file.suffix == ".safetensors" else _torch(file)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        told = " ".join(str(error).split())[:120] or "it is empty"
        if isinstance(error, pickle.UnpicklingError):  # which advises to run what stands in the file
            told = "it is none or holds more"
        raise UserError(
            f"{file.name} must be safetensors or a state dict of tensors: {told}; {_REMEDY}"
        ) from error
    inner = content.get("state_dict", content) if isinstance(content, dict) else content
    if not (isinstance(inner, dict) and inner and all(isinstance(one, Tensor) for one in inner.values())):
        told = f"got {shown(type(inner).__name__)} of others; {_REMEDY}"
        raise UserError(f"{file.name} must hold tensors by name, {told}")
    # Tensors may share memory, which safetensors does not write.
    return {str(name).removeprefix("module."): tensor.clone() for name, tensor in inner.items()}


def _safetensors(file: Path) -> Any:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(file)
    except SafetensorError as error:
        raise ValueError(error) from error


def _torch(file: Path) -> Any:
    return torch.load(file, map_location="cpu", weights_only=True)
