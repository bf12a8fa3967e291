"""The machine under a run: device, threads and seeds."""

import os

import torch
from torch import nn

from stages.core import heap
from stages.core.errors import UserError
from stages.core.threads import share
from stages.modelling.dropout import quicken


def prepare(*, threads: int, device: str, of: str = "") -> torch.device:
    """Set threads and determinism and return the device that is named, `auto` the best there is.

    Args:
        of: whose device it is, if not that of the params.

    Raises:
        UserError: it is not here.
    """
    share(threads)
    heap.keep()
    name = choose(device, of=of)
    if name != "cpu":
        # On the CPU every kernel we use repeats itself; asking torch there costs an import of its compiler.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True)
    return torch.device(name)


def choose(device: str, *, of: str = "") -> str:
    """The device that is named, `auto` the best there is; `of` as `prepare` has it.

    Raises:
        UserError: it is not here.
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    name = next(kind for kind, here in available.items() if here) if device == "auto" else device
    if not available[name]:
        here = ", ".join(kind for kind, is_here in available.items() if is_here)
        raise UserError(f"{of}device must be one that this machine has ({here}) or auto, got {name!r}")
    return name


def place(model: nn.Module, device: torch.device) -> nn.Module:
    """`model` on `device`, as it is fastest there: convolutions channels last, dropout by few random bits."""
    quicken(model)
    return model.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def seed(value: int, *, epoch: int = 0) -> torch.Generator:
    """Seed every device's generator for one epoch and return a generator for its data.

    Each epoch starts from a seed of its own, so that a resumed run needs no generator's state.
    """
    mixed = 2 * (value * 1_000_003 + epoch)
    torch.manual_seed(mixed)
    return torch.Generator().manual_seed(mixed + 1)
