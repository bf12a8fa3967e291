"""Networks that start from weights of others: which of the tensors fit, by name, shape and meaning."""

from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor, nn

from stages.core import files, paths
from stages.core.adopted import Origin
from stages.core.errors import UserError
from stages.core.spec import Facts
from stages.modelling import origins, weights

_BACKBONE = "backbone."  # before the names of one in a network, see `contracts.Headed`


class Start(NamedTuple):
    """What a network begins with: a digest of the weights it was given, and the tensors that they left."""

    digest: str
    left: frozenset[str]


def start(model: nn.Module, card: weights.Card, source: str, *, at: str) -> Start:
    """Give `model` the tensors of `source` whose names and shapes match, and say which.

    Those of its `backbone` may also be called as in that by itself. Those that stand for classes or words
    fit only where both know the same, which weights from elsewhere say of words at most.

    Raises:
        UserError: `source` has tensors, but none of them fits.
    """
    tensors, metadata = weights.read(source)
    digest = files.digest(paths.weights(source))
    if not tensors:
        return Start(digest, frozenset())
    own = model.state_dict()
    strange = _strange(card, own, _said(metadata, source))
    fitting = {n: t for n in own if n not in strange for t in _fitting(n, own, tensors)}
    if not fitting:
        raise UserError(f"{at}: none of the {len(tensors)} tensors of {source!r} fits this network")
    model.load_state_dict(own | fitting)
    left = frozenset(own.keys() - fitting.keys())
    told = ", ".join(sorted(left)) or "none"
    print(f"start: {len(fitting)} of {len(own)} tensors from {source}, not taken: {told}", flush=True)
    return Start(digest, left)


def _fitting(name: str, own: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> list[Tensor]:
    """The one of `tensors` for that of a network, if any: its name there goes before that in the backbone.

    A name of the network itself means nothing in its backbone.
    """
    bare = name.removeprefix(_BACKBONE)
    names = (name,) if bare in own else (name, bare)
    found = (tensors.get(known) for known in names)
    return [one for one in found if one is not None and one.shape == own[name].shape][:1]


def _said(metadata: dict[str, str], source: str) -> Facts | Origin | None:
    """What says which `classes` and which `vocabulary` the tensors of a source stand for, if anything."""
    return weights.card_of(metadata, source).spec if "card" in metadata else origins.of(source)


def _strange(card: weights.Card, own: Mapping[str, Tensor], theirs: Facts | Origin | None) -> set[str]:
    """The tensors that stand for classes or words, where the source's are others or nothing says which.

    They are those whose shapes are others in a network that knows one more.
    """
    more = {
        key: (*ours, "one more")
        for key in ("classes", "vocabulary")
        if (ours := getattr(card.spec, key, ())) and ours != getattr(theirs, key, ())
    }
    if not more:
        return set()
    larger = weights.build(card.model_copy(update={"spec": card.spec.model_copy(update=more)})).state_dict()
    return {name for name, tensor in own.items() if larger[name].shape != tensor.shape}
