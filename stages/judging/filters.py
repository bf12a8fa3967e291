"""What a network's first layer looks for, drawn."""

from math import prod
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor, nn

from stages.core.spec import Images
from stages.judging import figures
from stages.judging.figures import Tile
from stages.modelling.shipping import takes_examples

SHOWN = 64


def draw(model: nn.Module, spec: Images) -> dict[str, Figure]:
    """The picture `filters` of the layer that sees the pixels; none where there is no such layer.

    All filters share one scale, so that a dead one looks dead.
    """
    weights = _first(model, spec)
    if weights is None:
        return {}
    bank: NDArray[Any] = weights.detach().cpu().float().numpy()
    scale = float(np.abs(bank).max()) or 1.0
    named = len(bank) == len(spec.classes)
    names = spec.classes if named else ("",) * len(bank)
    shown = [
        Tile(
            figures.pixels(kernel if len(kernel) == 1 else 0.5 + kernel / (2 * scale)),
            below=figures.short(name),
        )
        for kernel, name in zip(bank[:SHOWN], names, strict=False)
    ]
    key = "red weights above 0, blue ones below" if bank.shape[1] == 1 else "grey weights are 0"
    title = f"Filters of the first layer, {len(shown)} of {len(bank)}: {key}"
    columns = min(10 if named else 8, len(shown))
    return {
        "filters": figures.tiles(
            title, shown, columns=columns, inches=0.9, cmap="RdBu_r", vmin=-scale, vmax=scale
        )
    }


def _first(model: nn.Module, spec: Images) -> Tensor | None:
    """Weights (N, C, H, W) of the first layer that has any, where it looks at 1 or 3 channels of pixels."""
    if len(spec.shape) != 3 or spec.shape[0] not in (1, 3) or not takes_examples(model):
        return None
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d) and layer.in_channels == spec.shape[0]:
            return layer.weight
        if isinstance(layer, nn.Linear) and layer.in_features == prod(spec.shape):
            return layer.weight.reshape(-1, *spec.shape)
        if any(True for _ in layer.parameters(recurse=False)):
            return None
    return None
