"""What can be seen of a network beside its answers: pictures and chart rows that need the network itself.

It comes in evaluation mode and on the CPU: elsewhere recurrent layers have no gradient in that mode.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor, nn

from stages.core import inputs
from stages.core.spec import Images, Spec, Texts
from stages.core.splits import Batch
from stages.judging import attended, evenly, filters, memory, surest
from stages.judging.verdict import Judged, Row
from stages.modelling.shipping import Ships

# Enough for a mean; all would take as long as the judgement.
EXAMPLES = 128


def pictures(model: nn.Module, spec: Spec, test: Judged) -> dict[str, Figure]:
    """Pictures by name: filters of the first layer for images, for texts what attention looks at."""
    match spec:
        case Images():
            return filters.draw(model, spec)
        case Texts():
            return _attention(model, spec, test)
        case _:
            return {}


def rows(model: nn.Module, spec: Spec, test: Judged) -> Iterator[Row]:
    """The chart `memory` of a network over time: what part of the gradient each step holds, by steps back.

    None of what is shipped in parts: there is no answer to the whole of an input.
    """
    if isinstance(model, Ships):
        return
    some = _ready(test, evenly.rows(len(test.y), EXAMPLES), spec)
    for back, part in enumerate(memory.fading(model, some).tolist()):
        yield "memory", "gradient", back, part


def _attention(model: nn.Module, spec: Texts, test: Judged) -> dict[str, Figure]:
    """The picture `attention`, where a module has `weigh(x)`: a weight for each word (B, T)."""
    weigh: Any = next((module.weigh for module in model.modules() if hasattr(module, "weigh")), None)
    if weigh is None:
        return {}
    chosen = surest.rows(test, attended.SHOWN)
    with torch.inference_mode():
        weights = weigh(_ready(test, chosen, spec)).float().numpy()
    return {"attention": attended.draw(spec, test, chosen, weights)}


def _ready(test: Judged, rows: NDArray[np.int64], spec: Spec) -> Tensor:
    """Inputs (B, ...) of those rows, as networks take them."""
    raw = Batch(torch.from_numpy(test.x[rows]), torch.from_numpy(test.y[rows]))
    return inputs.ready(raw, spec, device=torch.device("cpu")).x
