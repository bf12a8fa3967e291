"""U-Net (Ronneberger et al. 2015, arXiv 1505.04597) that knows a time, as diffusion uses it.

The blocks are those of Ho et al. 2020 (arXiv 2006.11239), without attention: small images need none.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Block(nn.Module):
    """Two convolutions, the time told between them, and around them the maps as they came in."""

    def __init__(
        self, channels_in: int, channels_out: int, *, time: int, groups: int, dropout: float
    ) -> None:
        super().__init__()
        self.first = normed(channels_in, channels_out, groups=groups)
        self.time = nn.Linear(time, channels_out)
        self.second = normed(channels_out, channels_out, groups=groups, dropout=dropout)
        same = channels_in == channels_out
        self.around = nn.Identity() if same else nn.Conv2d(channels_in, channels_out, 1)

    def forward(self, maps: Tensor, time: Tensor) -> Tensor:
        inner = self.first(maps) + self.time(time)[:, :, None, None]  # (B, D) -> (B, D, 1, 1)
        outer: Tensor = self.around(maps) + self.second(inner)
        return outer


def normed(channels_in: int, channels_out: int, *, groups: int, dropout: float = 0.0) -> nn.Sequential:
    """Group norm (Wu and He 2018, arXiv 1803.08494), a bend, and a 3x3 convolution that keeps the size."""
    return nn.Sequential(
        nn.GroupNorm(groups, channels_in),
        nn.SiLU(),
        nn.Dropout(dropout),
        nn.Conv2d(channels_in, channels_out, 3, padding=1),
    )


class Time(nn.Module):
    """Steps (B) to vectors (B, D): sines and cosines, and an MLP behind them.

    Waves: Vaswani et al. 2017 (arXiv 1706.03762), section 3.5; the sines stand before the cosines.
    """

    def __init__(self, width: int, out: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(width, out), nn.SiLU(), nn.Linear(out, out), nn.SiLU())
        self._width = width

    def forward(self, steps: Tensor) -> Tensor:
        pairs = torch.arange((self._width + 1) // 2, device=steps.device)
        angle = steps[:, None] * 10000.0 ** (-2 * pairs / self._width)  # (B) -> (B, D/2)
        waves = torch.cat([angle.sin(), angle.cos()], dim=1)[:, : self._width]
        vectors: Tensor = self.mlp(waves)
        return vectors


class UNet(nn.Module):
    """Blocks down to ever smaller maps and up again, each level up given the maps of that level down.

    Args:
        channels: of the images.
        widths: of the levels, from the top; from one to the next the maps are halved.
        groups: of the group norms; each width is a multiple of it.
        dropout: in each block, before its second convolution.
    """

    def __init__(self, channels: int, widths: Sequence[int], *, groups: int, dropout: float) -> None:
        super().__init__()
        time = 4 * widths[0]

        def block(channels_in: int, channels_out: int) -> Block:
            return Block(channels_in, channels_out, time=time, groups=groups, dropout=dropout)

        self.time = Time(widths[0], time)
        self.stem = nn.Conv2d(channels, widths[0], 3, padding=1)
        self.down = nn.ModuleList(block(width, width) for width in widths[:-1])
        self.halve = nn.ModuleList(
            nn.Conv2d(width, wider, 3, stride=2, padding=1) for width, wider in pairwise(widths)
        )
        self.bottom = nn.ModuleList(block(widths[-1], widths[-1]) for _ in range(2))
        self.up = nn.ModuleList(block(width + wider, width) for width, wider in pairwise(widths))
        self.head = normed(widths[0], channels, groups=groups)
        # So that it begins by finding no noise at all.
        for parameter in self.head[-1].parameters():
            nn.init.zeros_(parameter)

    def forward(self, noised: Tensor, steps: Tensor) -> Tensor:
        """The noise (B, C, H, W) in noised images (B, C, H, W) at `steps` (B), int64."""
        time, maps, kept = self.time(steps), self.stem(noised), []
        for down, halve in zip(self.down, self.halve, strict=True):
            kept.append(down(maps, time))
            maps = halve(kept[-1])  # (B, D, H, W) -> (B, D', H/2, W/2), rounded up
        for block in self.bottom:
            maps = block(maps, time)
        for level, up in zip(reversed(kept), reversed(self.up), strict=True):
            maps = F.interpolate(maps, size=level.shape[2:])
            maps = up(torch.cat([level, maps], dim=1), time)
        noise: Tensor = self.head(maps)
        return noise
