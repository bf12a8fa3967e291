"""Prediction of noise (Ho et al. 2020, arXiv 2006.11239): what diffusion minimises."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from stages.core import inputs
from stages.core.spec import Images
from stages.core.splits import Batch
from stages.modelling.contracts import Turn, needs


@dataclass(frozen=True, slots=True)
class NoisePrediction:
    """Squared error of the noise that is found in noised images, at steps drawn for each of them."""

    spec: Images
    measures: Collection[str] = ()

    def parts(self, model: nn.Module) -> dict[str, nn.Module]:
        needs(model, "add_noise", "noise_steps", by="objective noise_prediction")
        return {"model": model}

    def losses(self, model: Any, batch: Batch) -> Iterator[Turn]:
        images = 2 * inputs.pixels(batch.x, self.spec) - 1  # (B, C, H, W) in [-1, 1]
        steps, noise = spread(len(images), model.noise_steps).to(images.device), torch.randn_like(images)
        predicted = model(model.add_noise(images, noise, steps), steps).float()
        yield Turn("model", F.mse_loss(predicted, noise))


def spread(count: int, noise_steps: int) -> Tensor:
    """Steps (B) from 0 to T - 1, each as likely as the others, yet spread evenly over a batch.

    One draw turns an even grid: every image meets all steps alike, so that the loss keeps its mean, but no
    batch has more of the hard steps than another, so that it varies less, in validation too.
    Paper: Kingma et al. 2021 (arXiv 2107.00630).
    """
    grid = torch.arange(count, dtype=torch.float64) / count
    return ((grid + torch.rand((), dtype=torch.float64)) % 1 * noise_steps).long()


def build(spec: Images) -> NoisePrediction:
    """Squared error of predicted noise.

    Units: of the noise, whose variance is 1. Reduction: mean over all elements (the paper's simple loss).
    """
    return NoisePrediction(spec)
