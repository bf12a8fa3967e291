"""Learning-rate schedules as pure functions: what to multiply the rate by, from progress and history alone.

Nothing to save, nothing to restore: a resumed run computes the same rates.
"""

from collections.abc import Sequence
from math import cos, pi

from stages.core.fitting import Fit

# One-cycle as in Smith and Topin 2017 (arXiv 1708.07120), with the shape that torch and fastai use.
_RISE = 0.3
_START = 1 / 25
_END = _START / 1e4


def factor(settings: Fit, *, epoch: float, losses: Sequence[float]) -> float:
    """What the learning rate is multiplied by.

    Args:
        epoch: epochs trained so far; 2.5 is the middle of the third.
        losses: what the run monitors, lower is better, of each finished epoch (for plateau).
    """
    warm, total = settings.warmup_epochs, settings.epochs
    if epoch < warm:
        return (epoch + 1 / total) / (warm + 1 / total)
    progress = (epoch - warm) / (total - warm)
    match settings.schedule:
        case "constant":
            return 1.0
        case "step":
            return settings.decay_factor ** int((epoch - warm) // settings.decay_epochs)
        case "cosine":
            return (1 + cos(pi * progress)) / 2
        case "one_cycle":
            return one_cycle(progress)
        case "plateau":
            return settings.decay_factor ** plateaus(losses, settings.decay_epochs)


def one_cycle(progress: float) -> float:
    """Up from 1/25 over the first 30 % of the run, then down to a ten-thousandth of that, along cosines."""
    if progress < _RISE:
        return _between(_START, 1.0, progress / _RISE)
    return _between(1.0, _END, (progress - _RISE) / (1 - _RISE))


def plateaus(losses: Sequence[float], patience: int) -> int:
    """How often `losses` went more than `patience` epochs without a new best."""
    best, waited, count = float("inf"), 0, 0
    for loss in losses:
        waited = 0 if loss < best else waited + 1
        best = min(best, loss)
        if waited > patience:
            count, waited = count + 1, 0
    return count


def _between(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + cos(pi * share)) / 2
