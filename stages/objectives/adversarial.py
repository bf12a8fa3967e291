"""Adversarial losses: a discriminator learns to tell real images from fakes, a generator to deceive it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm

from stages.core import inputs
from stages.core.ranges import Count, NonNegative
from stages.core.spec import Images
from stages.core.splits import Batch
from stages.modelling.contracts import Turn, needs

Form = Literal["non_saturating", "least_squares", "wasserstein"]


@dataclass(frozen=True, slots=True)
class Adversarial:
    """Two parts in turn: the discriminator `critic_steps` times, each on fresh fakes, then the generator."""

    spec: Images
    form: Form
    gradient_penalty: float
    critic_steps: int
    real_label: float
    measures: Collection[str] = ()

    def parts(self, model: Any) -> dict[str, nn.Module]:
        needs(model, "generator", "discriminator", "latent", by="objective adversarial")
        normalises = any(isinstance(layer, _BatchNorm) for layer in model.discriminator.modules())
        if self.gradient_penalty and normalises:  # no image has a gradient of its own then
            raise ValueError(
                "objective adversarial must have gradient_penalty 0 where the discriminator has batch norm, "
                f"got {self.gradient_penalty}"
            )
        return {"discriminator": model.discriminator, "generator": model.generator}

    def losses(self, model: Any, batch: Batch) -> Iterator[Turn]:
        real = inputs.pixels(batch.x, self.spec)
        noise = (len(real), model.latent)
        for _ in range(self.critic_steps):
            with torch.no_grad():
                fake = model.generator(torch.randn(noise, device=real.device))
            yield Turn("discriminator", self._telling(model.discriminator, real, fake))
        fake = model.generator(torch.randn(noise, device=real.device))
        yield Turn("generator", deceiving(model.discriminator(fake).float(), self.form))

    def _telling(self, discriminator: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
        """What the discriminator minimises on real images and fakes (B, C, H, W)."""
        logits = discriminator(real).float(), discriminator(fake).float()
        loss = telling(*logits, self.form, self.real_label)
        if self.gradient_penalty:
            loss = loss + self.gradient_penalty * steepness(discriminator, real, fake)
        return loss


def telling(real: Tensor, fake: Tensor, form: Form, real_label: float = 1.0) -> Tensor:
    """The discriminator's loss of its logits (B) on real images and on fakes. Reduction: means over B."""
    match form:
        case "non_saturating":
            bce = F.binary_cross_entropy_with_logits
            return bce(real, torch.full_like(real, real_label)) + bce(fake, torch.zeros_like(fake))
        case "least_squares":
            return ((real - real_label).square().mean() + fake.square().mean()) / 2
        case "wasserstein":
            return fake.mean() - real.mean()


def deceiving(fake: Tensor, form: Form) -> Tensor:
    """The generator's loss of the discriminator's logits (B) on its fakes. Reduction: mean over B."""
    match form:
        case "non_saturating":
            return F.binary_cross_entropy_with_logits(fake, torch.ones_like(fake))
        case "least_squares":
            return (fake - 1).square().mean() / 2
        case "wasserstein":
            return -fake.mean()


@torch.enable_grad()
def steepness(discriminator: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    """Mean over B of (|gradient of logits by pixels| - 1)^2, between real images and fakes (B, C, H, W)."""
    share = torch.rand(len(real), 1, 1, 1, device=real.device)
    between = torch.lerp(fake, real, share).detach().requires_grad_()
    logits = discriminator(between).float()
    (gradient,) = torch.autograd.grad(logits.sum(), between, create_graph=True)
    norms: Tensor = torch.linalg.vector_norm(gradient.flatten(1), dim=1)
    return (norms - 1).square().mean()


def build(
    spec: Images,
    *,
    form: Form = "non_saturating",
    gradient_penalty: NonNegative = 0.0,
    critic_steps: Count = 1,
    real_label: Annotated[float, Field(gt=0, le=1)] = 1.0,
) -> Adversarial:
    """The two losses of a GAN, for real pixels x, fakes G(z) and logits D.

    Reduction: mean over the batch. With y the `real_label`, 1 unless smoothed, and s the sigmoid:
    non_saturating: D minimises -y log s(D(x)) - (1 - y) log(1 - s(D(x))) - log(1 - s(D(G(z)))),
        G -log s(D(G(z))) (Goodfellow et al. 2014, arXiv 1406.2661);
    least_squares: D (D(x) - y)^2 / 2 + D(G(z))^2 / 2, G (D(G(z)) - 1)^2 / 2 (Mao et al. 2016,
        arXiv 1611.04076);
    wasserstein: D D(G(z)) - D(x), G -D(G(z)) (Arjovsky et al. 2017, arXiv 1701.07875).
    `gradient_penalty` times (|gradient of D| - 1)^2 at e x + (1 - e) G(z), e uniform in [0, 1], is added to
    the loss of D (Gulrajani et al. 2017, arXiv 1704.00028, with 10); the gradient is by pixels in [0, 1].
    One-sided label smoothing: Salimans et al. 2016 (arXiv 1606.03498).
    """
    if form == "wasserstein" and not gradient_penalty:
        raise ValueError("gradient_penalty must be greater than 0 with wasserstein, got 0")
    if form == "wasserstein" and real_label < 1:
        raise ValueError(f"real_label must be 1 with wasserstein, which has no labels, got {real_label}")
    return Adversarial(spec, form, gradient_penalty, critic_steps, real_label)
