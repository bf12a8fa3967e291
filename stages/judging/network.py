"""What a network may be asked."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from stages.judging import attributions
from stages.judging.subject import Function, named
from stages.modelling.shipping import takes_examples


def functions(model: nn.Module) -> dict[str, Function]:
    """The functions of a network in evaluation mode: its own, and where it takes examples why it says so."""
    own = {name: _numpy(function) for name, function in named(model)}
    if takes_examples(model):
        return own | attributions.functions(model)
    del own["forward"]
    return own


def _numpy(function: Callable[..., Tensor]) -> Function:
    @wraps(function)
    @torch.inference_mode()
    def answer(*given: Any, **arguments: Any) -> NDArray[Any]:
        said: NDArray[Any] = function(*given, **arguments).cpu().float().numpy()
        return said

    return answer
