"""From what lies on disk to what networks take."""

from collections.abc import Callable, Iterator
from math import prod
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stages.core.spec import PAD, Images, Series, Spec, Texts, Vectors
from stages.core.splits import Batch, Split, parts

# Without gradients to keep, larger batches than in training cost nothing.
IN_ORDER = 512
# A classical method pays for every call: larger batches than a network's.
AT_ONCE = 4096
# Whatever reads them, on any device, large examples go fewer at once. Of tokens for a processor's cache: with
# four times as many each takes a BERT 2.5 times as long, an LSTM 1.4 times; and attention takes memory by the
# square of the length. Of values for memory: what a network makes of an image takes many times its own.
_TOKENS = 2**13
_VALUES = 2**22

Vary = Callable[[Tensor], Tensor]


class Arrays(NamedTuple):
    """All examples of a split as networks take them: inputs `x` (N, ...) and targets `y` (N, ...)."""

    x: NDArray[Any]
    y: NDArray[Any]


def walk(
    split: Split, spec: Spec | Vectors, *, device: torch.device, size: int = IN_ORDER
) -> Iterator[tuple[Tensor, Batch]]:
    """Every example once: rows of the split, and their batch ready for a network.

    Padded inputs go by their length, so that padding is not computed; others as they lie.
    """
    size = min(size, max(1, _VALUES // prod(spec.shape)))
    order = torch.arange(len(split)) if split.lengths is None else split.lengths.cpu().argsort(stable=True)
    for rows in _cut(order, split.lengths, size):
        chosen = slice(int(rows[0]), int(rows[-1]) + 1) if split.lengths is None else rows
        yield rows, ready(split.take(chosen), spec, device=device)


def _cut(order: Tensor, lengths: Tensor | None, size: int) -> Iterator[Tensor]:
    """Batches of nearly equal size, cut again where their tokens are too many; `order` is by `lengths`."""
    for rows in order.tensor_split(parts(len(order), size)):
        longest = 1 if lengths is None else int(lengths[rows[-1]])
        yield from rows.tensor_split(parts(len(rows) * longest, _TOKENS))


def whole(split: Split, spec: Spec) -> Arrays:
    """All examples of a split at once: texts padded as they lie, windows as views of their series."""
    if isinstance(spec, Texts):
        return Arrays(split.x.numpy(), split.y.numpy())
    if isinstance(spec, Series):
        return Arrays(*(_scaled_once(windows, spec).numpy() for windows in (split.x, split.y)))
    cpu = torch.device("cpu")
    batches = [batch for _, batch in walk(split, spec, device=cpu, size=AT_ONCE)]
    x, y = (
        np.concatenate([part.contiguous().numpy() for part in side]) for side in zip(*batches, strict=True)
    )
    return Arrays(x, y)


def ready(raw: Batch, spec: Spec | Vectors, *, device: torch.device, vary: Vary | None = None) -> Batch:
    """A batch as networks take it; `vary` may change images in between, as floats in [0, 1]."""
    x, y = raw.x.to(device), raw.y.to(device)
    match spec:
        case Vectors():
            return Batch(x, y)
        case Images():
            x = unit(x)
            return Batch(standardise(vary(x) if vary else x, spec), y)
        case Texts():
            return Batch(trimmed(x), y)
        case Series():
            return Batch(scaled(x, spec), scaled(y, spec))


def unit(x: Tensor) -> Tensor:
    """Pixels of uint8 as floats in [0, 1]."""
    return x.float().div_(255)


def standardise(x: Tensor, spec: Images) -> Tensor:
    """Pixels in [0, 1] (B, C, H, W) as networks take them: less the mean, over the deviation; in place."""
    mean, std = (torch.tensor(values, device=x.device)[:, None, None] for values in (spec.mean, spec.std))
    return x.sub_(mean).div_(std).contiguous(memory_format=torch.channels_last)


def pixels(x: Tensor, spec: Images) -> Tensor:
    """What `standardise` was given: pixels in [0, 1] (B, C, H, W), to rounding but never beyond."""
    mean, std = (torch.tensor(values, device=x.device)[:, None, None] for values in (spec.mean, spec.std))
    return (x * std).add_(mean).clamp_(0, 1)


def noisy(x: Tensor, spec: Images, *, noise: float, generator: torch.Generator | None = None) -> Tensor:
    """Standardised images (B, C, H, W) under Gaussian noise of that deviation in pixels, cut at [0, 1]."""
    drawn = torch.randn(x.shape, generator=generator, device=generator.device if generator else x.device)
    return standardise((pixels(x, spec) + noise * drawn.to(x.device)).clamp(0, 1), spec)


def trimmed(x: Tensor) -> Tensor:
    """Words (B, T) without the padding that all texts share; one step is left of texts without words."""
    longest = max(1, int((x != PAD).sum(dim=1).amax()))
    return x[:, :longest].long()


def _scaled_once(windows: Tensor, spec: Series) -> Tensor:
    """`scaled` windows (N, T, C) of a series, its steps scaled before they overlap."""
    steps = torch.cat([windows[:, 0], windows[-1, 1:]])  # (N + T - 1, C)
    return scaled(steps, spec).unfold(0, windows.shape[1], 1).transpose(1, 2)


def scaled(steps: Tensor, spec: Series) -> Tensor:
    """Steps (..., C) of the first C columns of a series: less their mean, over their deviation."""
    columns = steps.shape[-1]
    mean, std = (torch.tensor(values[:columns], device=steps.device) for values in (spec.mean, spec.std))
    return (steps - mean) / std
