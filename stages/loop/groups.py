"""Groups of parameters that learn otherwise than the rest: slower, later or not at all.

Discriminative rates and gradual unfreezing are those of Howard and Ruder 2018 (ULMFiT, arXiv 1801.06146).
"""

import re
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase

from torch import nn

from stages.core.checking import path_to, shown
from stages.core.errors import UserError
from stages.core.fitting import Fit, Group

Groups = Mapping[str, Group]


def named(model: nn.Module, group: Group) -> dict[str, nn.Parameter]:
    """The parameters of a group by their names, in the order of the network."""
    return {name: one for name, one in model.named_parameters() if fnmatchcase(name, group.parameters)}


def factors(model: nn.Module, groups: Groups) -> dict[nn.Parameter, float]:
    """By what each parameter's learning rate is multiplied."""
    found = {}
    for group in groups.values():
        names = named(model, group)
        blocks = list(dict.fromkeys(_block(name) for name in names))
        for name, parameter in names.items():
            depth = len(blocks) - 1 - blocks.index(_block(name))
            found[parameter] = group.rate * group.decay**depth
    return found


def frozen(model: nn.Module, groups: Groups, *, epoch: int) -> set[nn.Parameter]:
    """The parameters that stand still in this epoch, from 1."""
    still = [group for group in groups.values() if _stands(group, epoch)]
    return {parameter for group in still for parameter in named(model, group).values()}


def freeze(model: nn.Module, groups: Groups, *, epoch: int) -> None:
    """Let stand still what does so in this epoch; the model is in training mode.

    What holds nothing but frozen parameters is in evaluation mode: dropout is off in it, and batch norm keeps
    the statistics that it came with. Recurrent layers, which have neither, stay in training mode.
    """
    still = frozen(model, groups, epoch=epoch)
    for parameter in (one for group in groups.values() for one in named(model, group).values()):
        parameter.requires_grad_(parameter not in still)
    for module in model.modules():
        own = set(module.parameters())
        if own and own <= still:
            # In evaluation mode cuDNN hands no gradient on through them, to an embedding that learns below.
            module.train(isinstance(module, nn.RNNBase))


def check(
    model: nn.Module, parts: Mapping[str, nn.Module], settings: Fit, *, left: Mapping[str, str], at: str
) -> None:
    """Hold the groups against the parameters and the `parts` that there are.

    Raises:
        UserError: a group fits no parameter, or one of another group, has the name of a part, or never learns
            but has tensors that were `left` as drawn; or a part has nothing to learn.
    """
    seen: dict[str, str] = {}
    for key, group in settings.groups.items():
        path, names = f"{at}.{path_to('groups', key)}", named(model, group)
        if key in parts:
            raise UserError(f"{path} must have another name than the part {key}")
        if not names:
            known = ", ".join(sorted({name.partition(".")[0] for name, _ in model.named_parameters()}))
            rule = f"must fit names of parameters, got {shown(group.parameters)}"
            raise UserError(f"{path}.parameters {rule}; names begin with {known}")
        for name in (name for name in names if name in seen):
            raise UserError(f"{path}.parameters must fit none of group {seen[name]}, got {name}")
        seen |= dict.fromkeys(names, key)
        if group.frozen == "always" and (drawn := _drawn(model, group, left)):
            rule = f"must be less than epochs ({settings.epochs}) where the start left tensors as drawn"
            raise UserError(f"{path}.frozen {rule}, got 'always' for {drawn[0]} ({left[drawn[0]]})")
    still = frozen(model, settings.groups, epoch=1)
    for name, part in parts.items():
        if still.issuperset(part.parameters()):
            raise UserError(
                f"{at}.groups must leave {name} something to learn in the first epoch, got all frozen"
            )


def _drawn(model: nn.Module, group: Group, left: Collection[str]) -> list[str]:
    """The tensors of a group, statistics too, that were left as drawn; counters only count."""
    return [
        name
        for name, tensor in model.state_dict().items()
        if name in left and tensor.is_floating_point() and fnmatchcase(name, group.parameters)
    ]


def _stands(group: Group, epoch: int) -> bool:
    return group.frozen == "always" or epoch <= group.frozen


def _block(name: str) -> str:
    """The block of a parameter: its name up to the first number, `layer4.1.conv1.weight` -> `layer4`.

    A letter may follow it: what stands in `Mixed_5b` of an inception are branches side by side.
    """
    steps = name.split(".")[:-1]
    number = next((at for at, step in enumerate(steps) if re.search(r"\d[a-z]?$", step)), len(steps))
    return ".".join(steps[: number + 1])
