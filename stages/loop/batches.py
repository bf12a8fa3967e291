"""The batches of an epoch: which rows, in which order, how varied."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from stages.core import inputs
from stages.core.fitting import Fit
from stages.core.spec import Labelled, Spec, Vectors
from stages.core.splits import Batch, Split, parts
from stages.loop.augment import vary

# By how much lengths are blurred before they are sorted: neighbours change from epoch to epoch, and next to
# no padding is computed.
_BLUR = 0.02


def shuffled(
    split: Split,
    spec: Spec | Vectors,
    settings: Fit,
    *,
    generator: torch.Generator,
    device: torch.device,
) -> Iterator[Batch]:
    """An epoch for training: every row once, or as often as the sampler says, each batch varied."""

    def varied(images: Tensor) -> Tensor:
        return vary(images, settings.augment, generator)

    rows = _rows(split, spec, settings, generator)
    for chosen in _cut(rows, split.lengths, settings.batch_size, generator):
        yield inputs.ready(split.take(chosen), spec, device=device, vary=varied)


def _cut(rows: Tensor, lengths: Tensor | None, size: int, generator: torch.Generator) -> Sequence[Tensor]:
    """Batches of nearly equal size; of padded inputs each has those of about one length."""
    count = parts(len(rows), size)
    if lengths is None:
        return rows.tensor_split(count)
    blur = torch.empty(len(rows)).uniform_(1 - _BLUR, 1 + _BLUR, generator=generator)
    batches = rows[(lengths.cpu()[rows] * blur).argsort(stable=True)].tensor_split(count)
    return [batches[place] for place in torch.randperm(count, generator=generator).tolist()]


def _rows(split: Split, spec: Spec | Vectors, settings: Fit, generator: torch.Generator) -> Tensor:
    count = len(split)
    if settings.sampler == "shuffled" or not isinstance(spec, Labelled):
        return torch.randperm(count, generator=generator)
    # Balanced: with replacement, a row as likely as its class is rare.
    sizes = torch.tensor(spec.counts["train"], dtype=torch.float64)
    reach = (1 / sizes)[split.y.cpu()].cumsum(0)
    drawn = torch.rand(count, dtype=torch.float64, generator=generator) * reach[-1]
    return torch.searchsorted(reach, drawn, right=True).clamp_(max=count - 1)
