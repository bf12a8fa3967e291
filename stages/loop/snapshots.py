"""What a generator makes of the same latents, epoch by epoch: how it learns becomes visible."""

from typing import Any

import torch
from torch import Tensor, nn

# Epochs, from the first to the last, and latents.
SHOWN, LATENTS = 8, 10


def is_due(epoch: int, epochs: int) -> bool:
    """Whether this one, from 1, is among those that are shown."""
    return epoch in torch.linspace(1, epochs, SHOWN).round().int().tolist()


def take(model: nn.Module, *, seed: int) -> Tensor | None:
    """Pixels uint8 (N, C, H, W) of a model in evaluation mode; None where it generates nothing."""
    draw: Any = getattr(model, "sample", None)
    if draw is None:
        return None
    pixels: Tensor = draw(LATENTS, seed)
    return (255 * pixels).round().to(torch.uint8).cpu()
