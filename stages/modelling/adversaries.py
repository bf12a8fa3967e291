"""What generative adversarial networks share: two networks against each other, and pixels between them.

Paper: Goodfellow et al. 2014 (arXiv 1406.2661).
"""

import torch
from torch import Tensor, nn

from stages.modelling import latents
from stages.modelling.shipping import Shipped

# Below zero: the discriminator must hand gradients on there too.
SLOPE = 0.2


class Discriminator(nn.Module):
    """Pixels in [0, 1] (B, C, H, W), centred to [-1, 1], to the logit (B) of their being real."""

    def __init__(self, features: nn.Module, width: int) -> None:
        super().__init__()
        self.features = features
        self.head = nn.Linear(width, 1)

    def forward(self, pixels: Tensor) -> Tensor:
        features = self.features(2 * pixels - 1)  # (B, C, H, W) -> (B, D)
        logit: Tensor = self.head(features).squeeze(1)  # (B, D) -> (B)
        return logit


class Adversaries(nn.Module):
    """A generator of images out of noise (B, Z), and a discriminator that tells them from real ones."""

    def __init__(self, generator: nn.Module, discriminator: nn.Module, latent: int) -> None:
        super().__init__()
        self.generator = generator
        self.discriminator = discriminator
        self.latent = latent

    def forward(self, latent: Tensor) -> Tensor:
        pixels: Tensor = self.generator(latent)  # (B, Z) -> (B, C, H, W)
        return pixels

    @torch.no_grad()
    def sample(self, count: int, seed: int) -> Tensor:
        """Pixels in [0, 1] (count, C, H, W) of latents drawn from N(0, 1)."""
        pixels: Tensor = self(latents.draw(count, self.latent, seed=seed, of=self))
        return pixels

    def shipped(self) -> dict[str, Shipped]:
        """The generator alone: who has the file wants images."""
        return {
            "generator": Shipped(
                part=self.generator,
                inputs=("latent",),
                outputs=("pixels",),
                given=lambda x: (torch.randn(len(x), self.latent),),
                told={
                    "input": f"latent (batch, {self.latent}), numbers from the standard normal law, float32",
                    "output": "pixels in [0, 1], (batch, channels, height, width)",
                },
            )
        }
