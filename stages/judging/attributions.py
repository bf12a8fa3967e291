"""What of an input speaks for a class: attributions of a network's logit, as captum computes them.

Integrated gradients add up the gradient on the straight way from a baseline to the input; their sum is what
the logit gains on it. The baseline of standardised inputs is zero, the mean image. Words are attributed by
their vectors, whose baseline is as often that of padding. Grad-CAM weighs the last maps that the head sees by
the mean of their gradient, and keeps what is positive of their sum.
Papers: Sundararajan et al. 2017 (arXiv 1703.01365); Selvaraju et al. 2017 (arXiv 1610.02391), eq. 1 and 2.
"""

import copy
from collections.abc import Callable
from functools import wraps
from math import prod
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from stages.core.errors import UserError
from stages.judging.subject import Function
from stages.modelling import sequences

# By Gauss and Legendre. Bends of ReLU then cost some hundredths of a logit; the gates of an LSTM, which close
# within a small part of the way, may cost some tenths.
STEPS = 256
# Steps at once: of small inputs more, as many as hold so many numbers. Attention keeps T x T of each for its
# gradient.
_AT_ONCE, _NUMBERS = 32, 2**14

Place: TypeAlias = tuple[nn.Module, bool]  # a layer, and whether what it is given is meant, not what it says


def functions(model: nn.Module) -> dict[str, Function]:
    """What may be asked of a network with logits (B, K): functions of inputs (B, ...) and of classes (B).

    `integrated_gradients` are (B, C, H, W) for images and (B, T) for words; `baseline` (B) is the logit where
    they begin; `grad_cam` are maps (B, H', W') of a network with convolutions, (B, 0, 0) where none tell
    places apart, or none reach its head as maps.
    """
    found = {"integrated_gradients": _integrated_gradients, "baseline": _baseline}
    if any(isinstance(module, nn.Conv2d) for module in model.modules()):
        found["grad_cam"] = _grad_cam
    return {name: _on_copy(function, model) for name, function in found.items()}


def _on_copy(function: Callable[[nn.Module, Tensor, Tensor], Tensor], model: nn.Module) -> Function:
    """The function of a copy on the CPU: elsewhere recurrent layers have no gradient in evaluation mode."""

    @wraps(function)
    def ask(x: Tensor, classes: Tensor) -> NDArray[np.float32]:
        said = function(copy.deepcopy(model).cpu(), x.cpu(), classes.cpu())
        return said.detach().float().numpy()

    return ask


def _integrated_gradients(model: nn.Module, x: Tensor, classes: Tensor) -> Tensor:
    from captum.attr import IntegratedGradients, LayerIntegratedGradients

    has_words = not x.is_floating_point()
    method: Any = (
        LayerIntegratedGradients(model, _embedding(model)) if has_words else IntegratedGradients(model)
    )
    at_once = max(_AT_ONCE, _NUMBERS // x[0].numel())
    # One by one: of each a step is an example of its own.
    found = torch.cat(
        [
            method.attribute(one, torch.zeros_like(one), int(k), n_steps=STEPS, internal_batch_size=at_once)
            for one, k in zip(x.tensor_split(len(x)), classes, strict=True)
        ]
    )
    return found.sum(dim=2) if has_words else found  # (B, T, D) -> (B, T)


def _baseline(model: nn.Module, x: Tensor, classes: Tensor) -> Tensor:
    nothing = torch.zeros_like(x)
    with torch.no_grad():
        if x.is_floating_point():
            logits = model(nothing)
        else:
            embedding = _embedding(model)
            padding = embedding(nothing)
            with embedding.register_forward_hook(lambda *_: padding):
                logits = model(x)
    meant: Tensor = logits.gather(1, classes[:, None]).squeeze(1)
    return meant


def _grad_cam(model: nn.Module, x: Tensor, classes: Tensor) -> Tensor:
    from captum.attr import LayerGradCam

    if (place := _last_maps(_passed(model, x))) is None:
        return x.new_zeros(len(x), 0, 0)
    layer, is_given = place
    maps: Tensor = LayerGradCam(model, layer).attribute(
        x, classes, relu_attributions=True, attribute_to_layer_input=is_given
    )
    return maps.squeeze(1)  # (B, 1, H', W') -> (B, H', W')


def _last_maps(passed: dict[Place, Tensor]) -> Place | None:
    """Where the last maps (B, D, H', W') of several places are that a layer said, or was given thereafter.

    Of branches and sums it is thereby where they are joined, in a layer or in front of one; none if tokens
    (B, T, D) follow.
    """
    last = None
    for place, maps in reversed(passed.items()):
        if maps.dim() == 3:
            return None
        if maps.dim() == 4 and prod(maps.shape[2:]) > 1:
            last = last or place
            if not place[1]:
                return last
    return None


def _embedding(model: nn.Module) -> nn.Module:
    """The layer that gives words their vectors."""
    embedding = sequences.entrance(model)
    if embedding is None:
        wanted, name = "word vectors (modelling/sequences.py)", type(model).__name__
        raise UserError(f"integrated gradients must be given an architecture with {wanted}, got {name}")
    return embedding


def _passed(model: nn.Module, x: Tensor) -> dict[Place, Tensor]:
    """What each layer was given and said when it was last asked, which is what captum sees; in this order.

    But for what no convolution went into, as the image itself: the model, a copy, learns by these alone.
    """
    found: dict[Place, Tensor] = {}

    def note(place: Place, *passed: object) -> None:
        found.pop(place, None)
        if len(passed) == 1 and isinstance(passed[0], Tensor) and passed[0].requires_grad:
            found[place] = passed[0]

    hooks = []
    for layer in model.modules():
        for one in layer.parameters(recurse=False):
            one.requires_grad_(isinstance(layer, nn.Conv2d))
        hooks.append(layer.register_forward_pre_hook(lambda layer, given: note((layer, True), *given)))
        hooks.append(layer.register_forward_hook(lambda layer, _, said: note((layer, False), said)))
    model(x)
    for hook in hooks:
        hook.remove()
    return found
