"""The noise of diffusion models (Ho et al. 2020, arXiv 2006.11239): how it is added, and how taken back.

Images x are in [-1, 1], noise e is standard normal. Step t of T, counted from 0, makes of them
sqrt(a_t) x + sqrt(1 - a_t) e; a_t, the paper's alpha-bar, falls from nearly 1 to nearly 0.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import pi, sqrt
from typing import Literal

import torch
from torch import Tensor, nn

Schedule = Literal["cosine", "linear"]
Sampler = Literal["ddim", "ancestral"]
# Of noised images (B, C, H, W) and their steps (B): the noise in them (B, C, H, W).
Denoiser = Callable[[Tensor, Tensor], Tensor]

_OFFSET = 0.008  # keeps the first steps of the cosine from being too small to learn from
_LARGEST = 0.999  # what one step may take, or nothing would be left to begin from


def alpha_bars(schedule: Schedule, noise_steps: int) -> Tensor:
    """The share a_t of an image's variance that each step has left, (T), in float64.

    Papers: `linear`, Ho et al. 2020, made for 1,000 steps: of T steps each takes 1000 / T as much; `cosine`,
    Nichol and Dhariwal 2021 (arXiv 2102.09672). Either way no step takes more than 0.999 of what is there.
    """
    if schedule == "linear":
        taken = torch.linspace(1e-4, 0.02, noise_steps, dtype=torch.float64) * (1000 / noise_steps)
    else:
        time = torch.linspace(0, 1, noise_steps + 1, dtype=torch.float64)
        left = ((time + _OFFSET) / (1 + _OFFSET) * (pi / 2)).cos().square()
        taken = 1 - left[1:] / left[:-1]
    return (1 - taken.clamp(max=_LARGEST)).cumprod(0)


class Noising(nn.Module):
    """Noise at any step at once, in closed form."""

    signal: Tensor
    noise: Tensor

    def __init__(self, schedule: Schedule, noise_steps: int) -> None:
        super().__init__()
        self.schedule = schedule
        left = alpha_bars(schedule, noise_steps)
        self.alpha_bars: tuple[float, ...] = tuple(left.tolist())
        # Both roots, each rounded by itself: 1 - a in float32 would round the noise of the first steps off.
        # Not persistent: they follow from the hyper-parameters.
        self.register_buffer("signal", left.sqrt().float(), persistent=False)
        self.register_buffer("noise", (1 - left).sqrt().float(), persistent=False)

    def forward(self, images: Tensor, noise: Tensor, steps: Tensor) -> Tensor:
        """Images in [-1, 1] and standard normal noise, both (B, C, H, W), as one at `steps` (B)."""
        signal, spread = (level[steps][:, None, None, None] for level in (self.signal, self.noise))
        return signal * images + spread * noise


def stops(noise_steps: int, steps: int) -> list[int]:
    """The steps at which a sampler stops: `steps` of them, evenly spaced, from the last one down.

    Raises:
        ValueError: there are not so many.
    """
    if steps > noise_steps:
        raise ValueError(f"steps must be at most noise_steps ({noise_steps}), got {steps}")
    return [noise_steps * stop // steps - 1 for stop in range(steps, 0, -1)]


def sample(
    denoise: Denoiser,
    start: Tensor,
    left: Sequence[float],
    *,
    sampler: Sampler,
    steps: int,
    generator: torch.Generator,
) -> Tensor:
    """Images in [-1, 1] out of pure noise `start` (B, C, H, W), where a_t is `left` (T); errors of `stops`.

    At each stop the image that the noised one seems to hide is cut off at [-1, 1], as is usual, and noised
    again up to the next stop: by `ddim` with the noise that was found, by `ancestral` with a share of it
    drawn anew, which makes the step a draw from the posterior q(x_s | x_t, x) of Ho et al.
    Paper: Song et al. 2020 (arXiv 2010.02502), equation 12 with eta 0 and 1.
    """
    noised, times = start, stops(len(left), steps)
    levels = [*(left[time] for time in times), 1.0]
    for time, (now, then) in zip(times, pairwise(levels), strict=True):
        noise = denoise(noised, torch.full(start.shape[:1], time, device=start.device))
        image = ((noised - sqrt(1 - now) * noise) / sqrt(now)).clamp(-1, 1)
        noise = (noised - sqrt(now) * image) / sqrt(1 - now)
        fresh = (1 - now / then) / (1 - now) if sampler == "ancestral" else 0.0
        noised = sqrt(then) * image + sqrt((1 - then) * (1 - fresh)) * noise
        if then < 1 and fresh:
            noised += sqrt((1 - then) * fresh) * torch.randn(start.shape, generator=generator).to(start)
    return noised
