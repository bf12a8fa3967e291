"""From pixels on disk to what networks take."""

from collections.abc import Iterator

import torch
from torch import Tensor

from stages.core.spec import Spec
from stages.core.splits import Batch, Split

# Without gradients to keep, larger batches than in training cost nothing.
IN_ORDER = 512


def in_order(split: Split, spec: Spec, *, device: torch.device, size: int = IN_ORDER) -> Iterator[Batch]:
    """Every example once, as it lies, ready for a network."""
    for raw in split.batches(size):
        yield Batch(standardise(unit(raw.x.to(device)), spec), raw.y.to(device))


def unit(x: Tensor) -> Tensor:
    """Pixels of uint8 as floats in [0, 1]."""
    return x.float().div_(255)


def standardise(x: Tensor, spec: Spec) -> Tensor:
    """Pixels in [0, 1] (B, C, H, W) as networks take them: less the mean, over the deviation; in place."""
    mean, std = (torch.tensor(values, device=x.device)[:, None, None] for values in (spec.mean, spec.std))
    return x.sub_(mean).div_(std).contiguous(memory_format=torch.channels_last)
