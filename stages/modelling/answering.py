"""Whether a network can answer what its task will ask, held against it before it is trained for nothing."""

import torch
from torch import nn

from stages.core import asked, inputs, outlines, splits
from stages.core.spec import Spec
from stages.modelling.shipping import takes_examples


def check(model: nn.Module, spec: Spec, task: str, *, at: str) -> None:
    """Hold a network against the constant `ASKS` of its task's file, which alone is read of it.

    Args:
        at: where the run stands in params.yaml.

    Raises:
        UserError: it has no function for that, or answers one train example in another shape.
    """
    asks = outlines.constant("tasks", task, "ASKS")
    if asks not in asked.ASKED:  # a task of the user's own that does not say: it is held against it later
        return
    asked.check(asks, lambda name: can(model, name), task=task, at=at)
    if asked.ASKED[asks].shape:
        asked.check_shape(asks, _answer(model, spec), spec, task=task, at=at)


def can(model: nn.Module, name: str) -> bool:
    """Whether a network has a function of that name; `forward` of a generator takes no examples."""
    return takes_examples(model) if name == "forward" else hasattr(model, name)


@torch.no_grad()
def _answer(model: nn.Module, spec: Spec) -> tuple[int, ...]:
    """The shape of what it says of one example; its mode is as before."""
    device, is_training = next(model.parameters(), torch.empty(0)).device, model.training
    example = inputs.ready(splits.load(spec, "train").take(slice(0, 1)), spec, device=device)
    try:
        answer = model.eval()(example.x)
    finally:
        model.train(is_training)
    return tuple(answer.shape[1:])
