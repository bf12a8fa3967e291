"""Optimizers by name, and their learning rate."""

import inspect
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer, RMSprop

from stages.core.blocks import Fit


def build(part: nn.Module, settings: Fit) -> Optimizer:
    """The optimizer of one part of a model.

    Papers: momentum, Polyak 1964; Nesterov 1983; RMSprop, Tieleman and Hinton 2012; Adam, Kingma and Ba 2014
    (arXiv 1412.6980); AdamW, Loshchilov and Hutter 2017 (arXiv 1711.05101).
    """
    options: dict[str, Any] = {"lr": settings.learning_rate, "weight_decay": settings.weight_decay}
    kind: type[Optimizer]
    match settings.optimizer:
        case "sgd":
            kind = SGD
            options |= {"momentum": settings.momentum, "nesterov": settings.nesterov, "fused": True}
        case "rmsprop":
            kind = RMSprop
            options |= {"momentum": settings.momentum}
        case "adam":
            kind = Adam
            options |= {"fused": True}
        case "adamw":
            kind = AdamW
            options |= {"fused": True}
    return _eager(kind)(part.parameters(), **options)


def set_rate(optimizers: Iterable[Optimizer], rate: float) -> None:
    """Let every group of every optimizer learn at `rate`."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate


def _eager(optimizer: type[Optimizer]) -> Callable[..., Optimizer]:
    """The optimizer without its wrappers for torch.compile.

    On their first call they import the compiler, which we never use: more seconds than the rest of
    a small run, in every train stage.
    """
    wrapped = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")
    methods = {name: inspect.unwrap(getattr(optimizer, name)) for name in wrapped}
    step = torch.no_grad()(inspect.unwrap(optimizer.step))
    return type(optimizer.__name__, (optimizer,), {**methods, "step": step})
