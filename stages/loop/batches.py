"""The batches of an epoch: which rows, in which order, how varied."""

from collections.abc import Iterator

import torch
from torch import Tensor

from stages.core import pixels, splits
from stages.core.blocks import Fit
from stages.core.spec import Spec
from stages.core.splits import Batch, Split
from stages.loop.augment import vary


def shuffled(
    split: Split, spec: Spec, settings: Fit, *, generator: torch.Generator, device: torch.device
) -> Iterator[Batch]:
    """An epoch for training: every row once, or as often as the sampler says, each batch varied."""
    rows = _rows(split, spec, settings, generator)
    for chosen in rows.tensor_split(splits.parts(len(rows), settings.batch_size)):
        raw = split.take(chosen)
        x, y = raw.x.to(device), raw.y.to(device)
        x = vary(pixels.unit(x), settings.augment, generator)
        yield Batch(pixels.standardise(x, spec), y)


def _rows(split: Split, spec: Spec, settings: Fit, generator: torch.Generator) -> Tensor:
    count = len(split)
    if settings.sampler == "shuffled":
        return torch.randperm(count, generator=generator)
    # Balanced: with replacement, a row as likely as its class is rare.
    sizes = torch.tensor(spec.counts["train"], dtype=torch.float64)
    reach = (1 / sizes)[split.y.cpu()].cumsum(0)
    drawn = torch.rand(count, dtype=torch.float64, generator=generator) * reach[-1]
    return torch.searchsorted(reach, drawn, right=True).clamp_(max=count - 1)
