"""Evidence lower bound, which variational autoencoders raise: what they minimise is its negative."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from stages.core import inputs
from stages.core.ranges import NonNegative
from stages.core.spec import Images
from stages.core.splits import Batch
from stages.modelling import variational
from stages.modelling.contracts import Turn, needs


@dataclass(frozen=True, slots=True)
class Elbo:
    """Minus the log-likelihood of pixels under one sample of the latents, plus `beta` of their divergence."""

    spec: Images
    beta: float
    measures: Collection[str] = ("kl",)

    def parts(self, model: nn.Module) -> dict[str, nn.Module]:
        needs(model, "posterior", "logits", by="objective elbo")
        return {"model": model}

    def losses(self, model: Any, batch: Batch) -> Iterator[Turn]:
        mu, log_var = (part.float() for part in model.posterior(batch.x))  # (B, Z) each
        latent = variational.reparameterise(mu, log_var, torch.randn_like(mu))
        logits = model.logits(latent).float()  # (B, Z) -> (B, C, H, W)
        likelihood = variational.bernoulli(logits, inputs.pixels(batch.x, self.spec)).mean()
        kl = variational.kl(mu, log_var).mean()
        yield Turn("model", self.beta * kl - likelihood, {"kl": kl.detach()})


def build(spec: Images, *, beta: NonNegative = 1.0) -> Elbo:
    """Minus the evidence lower bound of images.

    Units: nats per image. Reduction: sum over pixels and latents, mean over the batch.
    Papers: Kingma and Welling 2013 (arXiv 1312.6114); `beta`, Higgins et al. 2017.
    """
    return Elbo(spec, beta)
