"""Diffusion (Ho et al. 2020, arXiv 2006.11239): a U-Net that finds the noise in noised images.

New images come out of nothing but noise, which is taken away in steps.
"""

import torch
from torch import Tensor, nn

from stages.core import inputs
from stages.core.ranges import Count, Fraction
from stages.core.spec import Images
from stages.modelling import noising
from stages.modelling.noising import Noising, Sampler, Schedule
from stages.modelling.shipping import Shipped
from stages.modelling.unet import UNet

# Into how many steps an image is sampled unasked, and the seed of what a file is proved by.
_STEPS, _SEED = 50, 0


class Diffusion(nn.Module):
    """A denoiser, the noise that it knows, and images out of both."""

    def __init__(self, denoiser: nn.Module, noising: Noising, spec: Images) -> None:
        super().__init__()
        self.denoiser = denoiser
        self.noising = noising
        self.noise_steps = len(noising.alpha_bars)
        self._spec = spec

    def forward(self, noised: Tensor, steps: Tensor) -> Tensor:
        """The noise (B, C, H, W) in noised images (B, C, H, W) at `steps` (B), int64 from 0."""
        noise: Tensor = self.denoiser(noised, steps)
        return noise

    def add_noise(self, images: Tensor, noise: Tensor, steps: Tensor) -> Tensor:
        """Images in [-1, 1] (B, C, H, W) with so much of standard normal noise as there is at `steps` (B)."""
        noised: Tensor = self.noising(images, noise, steps)
        return noised

    @torch.no_grad()
    def sample(self, count: int, seed: int, *, sampler: Sampler = "ddim", steps: Count = _STEPS) -> Tensor:
        """Pixels in [0, 1] (count, C, H, W); all draws are on the CPU, same on any device.

        Raises:
            ValueError: there are fewer steps of noise.
        """
        generator = torch.Generator().manual_seed(seed)
        start = torch.randn(count, *self._spec.shape, generator=generator).to(self.noising.signal.device)
        images = noising.sample(
            self, start, self.noising.alpha_bars, sampler=sampler, steps=steps, generator=generator
        )
        return (images + 1) / 2

    def shipped(self) -> dict[str, Shipped]:
        """The denoiser; what else sampling takes is told with it."""
        return {
            "denoiser": Shipped(
                part=self.denoiser,
                inputs=("noised", "steps"),
                outputs=("noise",),
                given=self._noised,
                told={
                    "input": "noised (batch, channels, height, width), float32: sqrt(a) * images + "
                    "sqrt(1 - a) * noise, of images = 2 * pixels - 1, pixels in [0, 1], and noise from the "
                    "standard normal law; steps (batch), int64 from 0, a = alpha_bars[steps]",
                    "output": "noise (batch, channels, height, width)",
                    "sampling": "noised is noise at first; from the last step down to step 0, all or some: "
                    "images = (noised - sqrt(1 - a) * output) / sqrt(a), cut off at [-1, 1]; "
                    "noise = (noised - sqrt(a) * images) / sqrt(1 - a); "
                    "noised = sqrt(b) * images + sqrt(1 - b) * noise, b the a of the next step, 1 behind "
                    "the last; pixels = (images + 1) / 2",
                    "schedule": self.noising.schedule,
                    "alpha_bars": self.noising.alpha_bars,
                },
            )
        }

    def _noised(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Standardised images (B, C, H, W), noised at steps (B) of any kind; the same at every call."""
        generator = torch.Generator().manual_seed(_SEED)
        steps = torch.randint(self.noise_steps, x.shape[:1], generator=generator).to(x.device)
        noise = torch.randn(x.shape, generator=generator).to(x.device)
        return self.add_noise(2 * inputs.pixels(x, self._spec) - 1, noise, steps), steps


def build(
    spec: Images,
    *,
    schedule: Schedule = "cosine",
    noise_steps: Count = 1000,
    width: Count = 32,
    levels: tuple[Count, ...] = (1, 2),
    groups: Count = 8,
    dropout: Fraction = 0.0,
) -> Diffusion:
    """A diffusion model for the images of `spec`.

    Args:
        levels: of the U-Net, from whole images down, each half as large: how often `width` each is wide.
        groups: of the group norms.

    Raises:
        ValueError: the groups do not divide the width, there is no level, or too little noise to sample from.
    """
    if width % groups:
        raise ValueError(f"groups must divide width ({width}), got {groups}")
    if not levels:
        raise ValueError("levels must hold at least one number, got none")
    if noise_steps < _STEPS:
        raise ValueError(f"noise_steps must be at least {_STEPS}, got {noise_steps}")
    widths = [width * level for level in levels]
    unet = UNet(spec.shape[0], widths, groups=groups, dropout=dropout)
    return Diffusion(unet, Noising(schedule, noise_steps), spec)
