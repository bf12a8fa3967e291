"""Masked words (Devlin et al. 2018, arXiv 1810.04805): which of a text are hidden, and behind what."""

import torch
from torch import Tensor

from stages.core.spec import PAD, Texts

# Of the hidden words so many are masked, and as many as remain in halves left as they are and swapped.
_MASKED, _KEPT = 0.8, 0.1
MASK = "[MASK]"  # of a tokenizer's vocabulary


def mask(spec: Texts) -> int:
    """The number that stands for a hidden word: the vocabulary's own, else the one behind it."""
    return spec.vocabulary.index(MASK) if MASK in spec.vocabulary else len(spec.vocabulary)


def draw(x: Tensor, spec: Texts, *, share: float = 0.0, generator: torch.Generator | None = None) -> Tensor:
    """Which `words` of texts (B, T) are hidden (B, T): a share of those of each text, and one at least."""
    asked = words(x, spec)
    count = (share * asked.sum(dim=1)).round().clamp(min=1)
    # On the CPU: a seed then hides the same words on every device.
    chance = torch.rand(x.shape, generator=generator).to(x.device).masked_fill(~asked, 1)
    rank = chance.argsort(dim=1, stable=True).argsort(dim=1)
    return asked & (rank < count[:, None])


def words(x: Tensor, spec: Texts) -> Tensor:
    """Which of texts (B, T) may be hidden (B, T): what stands for a word; all of a text that has none."""
    known = _are_words(x, spec)
    return torch.where(known.any(dim=1, keepdim=True), known, x != PAD)


def hide(x: Tensor, hidden: Tensor, spec: Texts) -> Tensor:
    """Texts (B, T) with the mask for all `hidden` words (B, T)."""
    return x.masked_fill(hidden, mask(spec))


def disguise(x: Tensor, hidden: Tensor, spec: Texts) -> Tensor:
    """The same for training: of ten hidden words eight masked, one left as it is, one swapped for any other.

    So a network cannot tell where it will be asked, and keeps a state for every word.
    """
    every = torch.arange(len(spec.vocabulary))
    every = every[_are_words(every, spec)]
    fate, others = torch.rand(x.shape), every[torch.randint(len(every), x.shape)]
    fate, others = fate.to(x.device), others.to(x.device)
    swapped = torch.where(fate < _MASKED + _KEPT, x, others)
    return torch.where(hidden, swapped.masked_fill(fate < _MASKED, mask(spec)), x)


def _are_words(numbers: Tensor, spec: Texts) -> Tensor:
    """Which numbers (...) stand for a word."""
    return ~torch.isin(numbers, torch.tensor(spec.special, device=numbers.device))
