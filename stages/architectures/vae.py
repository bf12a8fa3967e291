"""Variational autoencoder (Kingma and Welling, 2013, arXiv 1312.6114): an image is a normal law of latents.

On 28x28 images the default is 784-400-20-400-784.
"""

from math import prod

import torch
from torch import Tensor, nn

from stages.core import inputs
from stages.core.ranges import Count
from stages.core.spec import Images
from stages.modelling import autoencoding, latents, layers, variational
from stages.modelling.autoencoding import dense
from stages.modelling.layers import Activation, Init, Pixels
from stages.modelling.shipping import Shipped

# Of the noise that `elbo` draws.
_SEED = 0


class Posterior(nn.Module):
    """Images (B, C, H, W) to the law of their latents: mu and log_var, each (B, Z)."""

    def __init__(self, hidden: nn.Module, width: int, latent: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.head = nn.Linear(width, 2 * latent)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mu, log_var = self.head(self.hidden(x)).chunk(2, dim=1)  # (B, 2Z) -> (B, Z), (B, Z)
        return mu, log_var


class VAE(nn.Module):
    """A posterior of latents, and a decoder of these to the logits of grey pixels."""

    def __init__(self, encoder: Posterior, decoder: nn.Module, spec: Images, latent: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self._spec = spec
        self._latent = latent

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The law N(mu, exp(log_var)) of the latents of standardised images: mu and log_var, each (B, Z)."""
        mu, log_var = self.encoder(x)
        return mu, log_var

    def encode(self, x: Tensor) -> Tensor:
        """Latents (B, Z) of standardised images (B, C, H, W): the mean of their law."""
        return self.posterior(x)[0]

    def logits(self, latent: Tensor) -> Tensor:
        """Logits (B, C, H, W) of grey pixels, for latents (B, Z)."""
        logits: Tensor = self.decoder(latent)
        return logits

    def decode(self, latent: Tensor) -> Tensor:
        """Pixels in [0, 1] (B, C, H, W) of latents (B, Z)."""
        return self.logits(latent).float().sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(self.encode(x))

    @torch.no_grad()
    def sample(self, count: int, seed: int) -> Tensor:
        """Pixels in [0, 1] (count, C, H, W) of latents drawn from N(0, 1)."""
        return self.decode(latents.draw(count, self._latent, seed=seed, of=self))

    def elbo(self, x: Tensor) -> Tensor:
        """Evidence lower bound (B) of standardised images (B, C, H, W), in nats per image.

        The log-likelihood of grey pixels under one sample of the latents, less the divergence of their law
        from N(0, 1). The noise of the sample is the same at every call: it goes by the place in the batch.
        """
        mu, log_var = (part.float() for part in self.posterior(x))
        noise = latents.draw(len(x), self._latent, seed=_SEED, of=self)
        latent = variational.reparameterise(mu, log_var, noise)
        logits = self.logits(latent).float()
        likelihood = variational.bernoulli(logits, inputs.pixels(x, self._spec))
        return likelihood - variational.kl(mu, log_var)

    def shipped(self) -> dict[str, Shipped]:
        """The posterior and the decoder, a file each."""
        outputs = {
            "mu": "mu (batch, width), the mean of each latent",
            "log_var": "log_var (batch, width), the logarithm of its variance",
        }
        said = "latent (batch, width): mu, or for new images numbers from the standard normal law"
        decoder = nn.Sequential(self.decoder, Pixels()).train(self.training)
        return {
            "encoder": autoencoding.encoder(self.encoder, outputs),
            "decoder": autoencoding.decoder(decoder, self.encode, said),
        }


def build(
    spec: Images,
    *,
    widths: tuple[Count, ...] = (400,),
    latent: Count = 20,
    activation: Activation = "relu",
    init: Init = "kaiming",
) -> VAE:
    """A VAE for the images of `spec`; `widths` are those of the encoder, the decoder goes them back."""
    down = (prod(spec.shape), *widths)
    up = (latent, *reversed(widths))
    hidden = nn.Sequential(nn.Flatten(), dense(down, activation))  # (B, C, H, W) -> (B, D)
    decoder = nn.Sequential(  # (B, Z) -> (B, C, H, W)
        dense(up, activation),
        nn.Linear(up[-1], down[0]),
        nn.Unflatten(1, spec.shape),
    )
    model = VAE(Posterior(hidden, down[-1], latent), decoder, spec, latent)
    layers.initialise(model, init, slope=layers.slope_of(activation))
    return model
