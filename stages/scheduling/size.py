"""How many jobs at once a machine is good for."""

import psutil

from stages.core.params import Params
from stages.sourcing import cores

# Memory for a job, in bytes: PyTorch, a data set and what a network takes on it.
_ROOM = 2 * 1024**3


def fitting(params: Params) -> int:
    """As many as memory holds, each with cores for its threads; one where networks share an accelerator's.

    Of the cores no more count than the process may use, nor than its container's quota comes to.
    """
    if params.device != "cpu":
        import torch

        if params.device != "auto" or torch.cuda.is_available() or torch.backends.mps.is_available():
            return 1
    free: int = psutil.virtual_memory().available
    return max(1, min(cores.count() // params.threads, free // _ROOM))
