"""Networks that start from weights of others: which of the tensors fit, by name, shape and meaning."""

from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor, nn

from stages.core import files, paths
from stages.core.adopted import Origin
from stages.core.blocks import SCRATCH
from stages.core.errors import UserError
from stages.core.spec import Facts
from stages.modelling import origins, weights

_BACKBONE = "backbone."  # before the names of one in a network, as `bert` and `torchvision_backbone` have
_NAMED = 8  # of the tensors with one reason
_MEANINGS = {"classes": "classes", "vocabulary": "words"}  # facts of a data set, and what tensors stand for


class Start(NamedTuple):
    """What a network begins with: a digest of the weights it was given, and why they left which tensors."""

    digest: str
    left: Mapping[str, str]


def start(model: nn.Module, card: weights.Card, source: str, *, at: str) -> Start:
    """Give `model` the tensors of `source` whose names and shapes match, and say which of both not, and why.

    Those of its `backbone` may also be called as in that by itself. Those that stand for classes or words
    fit only where both know the same, which weights from elsewhere say of words at most.

    Raises:
        UserError: `source` has tensors, but none of them fits.
    """
    tensors, metadata = weights.read(source)
    digest = files.digest(paths.weights(source))
    if not tensors:
        return Start(digest, drawn(model))
    own = model.state_dict()
    strange = _strange(card, own, _said(metadata, source))
    found = {name: _found(name, own, tensors) for name in own}
    left = {n: why for n in own if (why := _misfit(own[n], tensors.get(found[n]), strange.get(n, "")))}
    fitting = {n: tensors[known] for n, known in found.items() if n not in left}
    if not fitting:
        none = (
            f"none of the {len(tensors)} tensors of {source!r}, as {next(iter(tensors))}, fits this network"
        )
        why = " or ".join(sorted(set(left.values())))
        raise UserError(f"{at}: {none}: its own, as {next(iter(own))}, are {why}")
    model.load_state_dict(own | fitting)
    homeless = dict.fromkeys(tensors.keys() - found.values(), "without a place here")
    told = [*_told(left), *_told(homeless)]
    but = f"; not taken: {'; '.join(told)}" if told else ""
    print(f"start: {len(fitting)} of {len(own)} tensors from {source}{but}", flush=True)
    return Start(digest, left)


def _found(name: str, own: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> str:
    """The name of the one of `tensors` for that of a network, "" for none: of its shape where one is.

    Its name there goes before that in the backbone. A name of the network itself means nothing in its
    backbone.
    """
    bare = name.removeprefix(_BACKBONE)
    names = (name,) if bare in own else (name, bare)
    found = [known for known in names if known in tensors]
    return min(found, key=lambda known: tensors[known].shape != own[name].shape, default="")


def _misfit(own: Tensor, found: Tensor | None, strange: str) -> str:
    """Why what was found for a tensor of the network is not taken; "" where it is."""
    if found is None:
        return "not there"
    if strange or found.shape != own.shape:
        return strange or "of another shape"
    return "not of numbers" if found.isnan().any() else ""


def _told(left: Mapping[str, str]) -> list[str]:
    """The names, those with one reason together, where they are many the first of them and their number."""
    by_reason: dict[str, list[str]] = {}
    for name in sorted(left):
        by_reason.setdefault(left[name], []).append(name)
    return [f"{_listed(names)} ({why})" for why, names in by_reason.items()]


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _said(metadata: dict[str, str], source: str) -> Facts | Origin | None:
    """What says which `classes` and which `vocabulary` the tensors of a source stand for, if anything."""
    return weights.card_of(metadata, source).spec if "card" in metadata else origins.of(source)


def drawn(model: nn.Module) -> dict[str, str]:
    """What a start without weights leaves: all."""
    return dict.fromkeys(model.state_dict(), f"start: {SCRATCH}")


def _strange(card: weights.Card, own: Mapping[str, Tensor], theirs: Facts | Origin | None) -> dict[str, str]:
    """The tensors that stand for classes or words, where the source's are others or nothing says which.

    They are those whose shapes are others in a network that knows one more.
    """
    found: dict[str, str] = {}
    for key, told in _MEANINGS.items():
        ours, others = (getattr(facts, key, ()) for facts in (card.spec, theirs))
        if not ours or ours == others:
            continue
        more = card.spec.model_copy(update={key: (*ours, "one more")})
        larger = weights.build(card.model_copy(update={"spec": more})).state_dict()
        why = f"for {'other' if others else 'unknown'} {told}"
        found |= {name: why for name, tensor in own.items() if larger[name].shape != tensor.shape}
    return found
