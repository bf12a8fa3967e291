"""The threads that torch computes on, with the same bytes whenever and wherever they run."""

import torch

# What torch leaves to Intel's vector library, by its header ATen/cpu/vml.h.
_VECTORISED = (
    *(torch.acos, torch.asin, torch.atan, torch.cos, torch.sin, torch.tan, torch.tanh),
    *(torch.erf, torch.erfc, torch.erfinv, torch.exp, torch.log, torch.log2, torch.log10),
    *(torch.sqrt, torch.trunc),
)


def share(count: int) -> None:
    """Let torch share its work among `count` threads.

    Intel's library chooses a kernel at the first call of each function. Where two threads make that call at
    once, one of them may get a coarse kernel for its part (PyTorch's issue 188792), and now and then a
    training ends in other bytes. So here the first call is of one number, by one thread.
    """
    torch.set_num_threads(count)
    for dtype in (torch.float32, torch.float64):
        one = torch.ones(1, dtype=dtype)
        for function in _VECTORISED:
            function(one)
