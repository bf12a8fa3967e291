"""Optimizers by name, one for each part of a model, and their learning rates."""

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any

import torch
from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer, RMSprop

from stages.core.checking import path_to, shown
from stages.core.errors import UserError
from stages.core.fitting import HEEDED, Fit

_KINDS: dict[str, type[Optimizer]] = {"sgd": SGD, "adam": Adam, "adamw": AdamW, "rmsprop": RMSprop}


def build(part: nn.Module, settings: Fit, factors: Mapping[nn.Parameter, float] | None = None) -> Optimizer:
    """The optimizer of one part of a model; by `factors` single parameters learn slower or faster.

    Papers: momentum, Polyak 1964; Nesterov 1983; RMSprop, Tieleman and Hinton 2012; Adam, Kingma and Ba 2014
    (arXiv 1412.6980); AdamW, Loshchilov and Hutter 2017 (arXiv 1711.05101).
    """
    kind = _KINDS[settings.optimizer]
    heeded = [key for key, heeding in HEEDED["optimizer"].items() if settings.optimizer in heeding]
    options: dict[str, Any] = {key: getattr(settings, key) for key in ("weight_decay", *heeded)}
    if kind is not RMSprop:
        options["fused"] = True
    by_factor: dict[float, list[nn.Parameter]] = {}
    for parameter in part.parameters():
        by_factor.setdefault((factors or {}).get(parameter, 1.0), []).append(parameter)
    grouped = [{"params": its, "factor": factor} for factor, its in by_factor.items()]
    return _eager(kind)(grouped, lr=settings.learning_rate, **options)


def check(parts: Collection[str], settings: Fit, *, at: str) -> None:
    """Hold the settings of single parts against the `parts` that there are.

    Raises:
        UserError: they are of another.
    """
    for name in settings.parts:
        if name not in parts:
            path = f"{at}.{path_to('parts', name)}"
            raise UserError(f"{path} must be one of {', '.join(parts)}, got {shown(name)}")


def set_rates(optimizers: Mapping[str, Optimizer], settings: Fit, factor: float) -> dict[str, float]:
    """Let every part learn at its own rate times `factor`; return what each does by its name.

    A group's rate is that of its part times its own factor.
    """
    rates = {name: settings.of(name).learning_rate * factor for name in optimizers}
    for name, optimizer in optimizers.items():
        for group in optimizer.param_groups:
            group["lr"] = rates[name] * group["factor"]
    return rates


def _eager(optimizer: type[Optimizer]) -> Callable[..., Optimizer]:
    """The optimizer without its wrappers for torch.compile.

    On their first call they import the compiler, which we never use: more seconds than the rest of
    a small run, in every train stage.
    """
    wrapped = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")
    methods = {name: inspect.unwrap(getattr(optimizer, name)) for name in wrapped}
    step = torch.no_grad()(inspect.unwrap(optimizer.step))
    return type(optimizer.__name__, (optimizer,), {**methods, "step": step})
