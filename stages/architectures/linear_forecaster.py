"""Linear forecaster (Zeng et al. 2022, arXiv 2205.13504): each step ahead is a weighted sum of the window.

`dlinear` splits the window into a moving mean, its trend, and the rest, and forecasts each by itself.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from stages.core.ranges import Size
from stages.core.spec import Series
from stages.modelling import sequences


class Linear(nn.Module):
    """One linear map from the window to the horizon, the same for every column."""

    def __init__(self, window: int, outputs: tuple[int, ...]) -> None:
        super().__init__()
        horizon, self._targets = outputs
        self.linear = nn.Linear(window, horizon)

    def forward(self, x: Tensor) -> Tensor:
        columns = x[..., : self._targets].transpose(1, 2)  # (B, T, C) -> (B, C, T)
        forecast: Tensor = self.linear(columns)  # (B, C, T) -> (B, C, F)
        return forecast.transpose(1, 2)


class Decomposed(nn.Module):
    """The trend and what is left of it, forecast apart and summed."""

    def __init__(self, window: int, outputs: tuple[int, ...], *, kernel: int) -> None:
        super().__init__()
        self.trend = Linear(window, outputs)
        self.rest = Linear(window, outputs)
        self._kernel = kernel

    def forward(self, x: Tensor) -> Tensor:
        smooth = moving_mean(x, self._kernel)
        forecast: Tensor = self.trend(smooth) + self.rest(x - smooth)
        return forecast


def moving_mean(x: Tensor, kernel: int) -> Tensor:
    """The mean of `kernel` steps (odd) around each step of (B, T, C), the ends repeated beyond themselves."""
    reach = kernel // 2
    padded = torch.cat([x[:, :1].expand(-1, reach, -1), x, x[:, -1:].expand(-1, reach, -1)], dim=1)
    return F.avg_pool1d(padded.transpose(1, 2), kernel, stride=1).transpose(1, 2)


def build(spec: Series, *, trend: Size = 0, relative: bool = True) -> nn.Module:
    """A linear forecaster for the windows of `spec`: NLinear by default, DLinear with a trend.

    Args:
        trend: steps of the moving mean that is forecast by itself, an odd number; 0 leaves it out.

    Raises:
        ValueError: the moving mean has no middle.
    """
    if trend and not trend % 2:
        raise ValueError(f"trend must be odd, or 0, got {trend}")
    if trend:
        network: nn.Module = Decomposed(spec.window, spec.outputs, kernel=trend)
    else:
        network = Linear(spec.window, spec.outputs)
    return sequences.relative(network, spec, wanted=relative)
