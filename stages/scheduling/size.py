"""How many jobs at once a machine is good for."""

from stages.core.params import Params
from stages.sourcing import cores


def fitting(params: Params) -> int:
    """A job for as many cores as its threads take; one where networks would share an accelerator's memory."""
    if params.device != "cpu":
        import torch

        if params.device != "auto" or torch.cuda.is_available() or torch.backends.mps.is_available():
            return 1
    return max(1, cores.count() // params.threads)
