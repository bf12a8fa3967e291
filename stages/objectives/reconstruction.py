"""Error of a reconstruction: what an autoencoder makes of an image, noisy or not, beside the clean image."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from stages.core import inputs
from stages.core.ranges import NonNegative
from stages.core.spec import Images
from stages.core.splits import Batch
from stages.modelling.contracts import Turn, needs
from stages.modelling.supervised import Criterion


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """`criterion(pixels, clean pixels)`, both (B, C, H, W) in [0, 1], a mean over all of them."""

    spec: Images
    noise: float
    criterion: Criterion
    measures: Collection[str] = ()

    def parts(self, model: nn.Module) -> dict[str, nn.Module]:
        needs(model, "encode", "decode", by="objective reconstruction")
        return {"model": model}

    def losses(self, model: nn.Module, batch: Batch) -> Iterator[Turn]:
        seen = inputs.noisy(batch.x, self.spec, noise=self.noise) if self.noise else batch.x
        clean = inputs.pixels(batch.x, self.spec)
        yield Turn("model", self.criterion(model(seen).float(), clean))


def cross_entropy(pixels: Tensor, clean: Tensor) -> Tensor:
    """-(x log p + (1 - x) log(1 - p)) of pixels p and clean ones x in [0, 1]. Reduction: mean over all.

    A logarithm is -100 at the least, so that p may be 0 or 1.
    """
    with torch.autocast(pixels.device.type, enabled=False):  # refused there, for p in half precision
        return F.binary_cross_entropy(pixels, clean)


_CRITERIA: dict[str, Criterion] = {
    "squared": F.mse_loss,
    "absolute": F.l1_loss,
    "cross_entropy": cross_entropy,
}


def build(
    spec: Images,
    *,
    noise: NonNegative = 0.0,
    norm: Literal["squared", "absolute", "cross_entropy"] = "squared",
) -> Reconstruction:
    """Error of reconstructed pixels (B, C, H, W).

    Units: of pixels in [0, 1]; `cross_entropy` in nats. Reduction: mean over all pixels. With `noise`, its
    deviation in pixels, the network sees noisy images, in validation too, and is to give the clean ones.
    Paper: denoising, Vincent et al. 2008.
    """
    return Reconstruction(spec, noise, _CRITERIA[norm])
