"""Latents: the noise that generators make images of."""

import torch
from torch import Tensor, nn


def draw(count: int, width: int, *, seed: int, of: nn.Module) -> Tensor:
    """Standard normal latents (count, Z), where the network is that they are `of`.

    They are drawn on the CPU: of a seed they are the same on every device.
    """
    drawn = torch.randn(count, width, generator=torch.Generator().manual_seed(seed))
    return drawn.to(next(of.parameters()).device)
