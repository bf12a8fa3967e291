"""A trained network as a file that rebuilds it: tensors, and beside them what they were built from."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor, nn

from stages.core import files, paths, rooms
from stages.core.adopted import Origin
from stages.core.errors import UserError
from stages.core.spec import Facts, Spec

_BACKBONE = "backbone."  # before the names of one in a network, see `contracts.Headed`


class Card(BaseModel):
    """What a network was built from, and for which machine: the file needs neither params nor data."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: str
    architecture: str
    hyper: dict[str, Any]
    spec: Spec = Field(discriminator="kind")
    seed: int
    threads: int
    device: str  # as the params name it
    origin: Origin | None = None  # of the weights elsewhere that it started from, or that its start did


def save(model: nn.Module, card: Card) -> None:
    """Write `models/<run>/model.safetensors`."""
    tensors = {name: tensor.cpu() for name, tensor in model.state_dict().items()}
    files.write_tensors(paths.weights(card.run), tensors, said={"card": card.model_dump_json()})


def load(run: str) -> tuple[nn.Module, Card]:
    """The network of a trained run, in evaluation mode, and its card."""
    tensors, metadata = read(run)
    card = card_of(metadata, run)
    model = build(card)
    model.load_state_dict(tensors)
    return model.eval(), card


def check_data(card: Card, spec: Facts) -> None:
    """Hold a network against the data it is to judge.

    Raises:
        UserError: it learnt from others.
    """
    if card.spec != spec:
        raise UserError(
            f"{paths.weights(card.run)} learnt from other data than {paths.processed(spec.dataset)} "
            f"holds now: run `dvc repro train@{card.run}` first"
        )


def build(card: Card) -> nn.Module:
    """The network of a card, its first weights drawn from the seed of torch."""
    model: nn.Module = rooms.build(
        "architectures", card.architecture, card.spec, card.hyper, at=f"models.{card.run}.hyper"
    )
    return model


class Start(NamedTuple):
    """What a network begins with: a digest of the weights it was given, and the tensors that they left."""

    digest: str
    left: frozenset[str]


def start(model: nn.Module, card: Card, source: str, *, at: str) -> Start:
    """Give `model` the tensors of `source` whose names and shapes match, and say which.

    Those of its `backbone` may also be called as in that by itself. Those that stand for classes or words
    fit only where both know the same.

    Raises:
        UserError: `source` has tensors, but none of them fits.
    """
    tensors, metadata = read(source)
    own = model.state_dict()
    strange = _strange(card, own, card_of(metadata, source) if "card" in metadata else None)
    fitting = {n: t for n, like in own.items() if n not in strange for t in _fitting(n, like, tensors)}
    if tensors and not fitting:
        raise UserError(f"{at}: none of the {len(tensors)} tensors of {source!r} fits this network")
    model.load_state_dict(own | fitting)
    left = frozenset(own.keys() - fitting.keys() if tensors else ())
    if tensors:
        told = ", ".join(sorted(left)) or "none"
        print(f"start: {len(fitting)} of {len(own)} tensors from {source}, not taken: {told}", flush=True)
    return Start(files.digest(paths.weights(source)), left)


def _fitting(name: str, like: Tensor, tensors: Mapping[str, Tensor]) -> list[Tensor]:
    """The one of `tensors` for that of a network, if any: its name there goes before that in the backbone."""
    found = (tensors.get(known) for known in (name, name.removeprefix(_BACKBONE)))
    return [one for one in found if one is not None and one.shape == like.shape][:1]


def _strange(card: Card, own: Mapping[str, Tensor], theirs: Card | None) -> set[str]:
    """The tensors that stand for classes or words, where the source's are others.

    They are those whose shapes are others in a network that knows one more.
    """
    if theirs is None:
        return set()
    facts = (
        (key, getattr(card.spec, key, ()), getattr(theirs.spec, key, ())) for key in ("classes", "vocabulary")
    )
    more = {key: (*known, "one more") for key, known, others in facts if known and known != others}
    if not more:
        return set()
    larger = build(card.model_copy(update={"spec": card.spec.model_copy(update=more)})).state_dict()
    return {name for name, tensor in own.items() if larger[name].shape != tensor.shape}


def card_of(metadata: dict[str, str], run: str) -> Card:
    """The card in the metadata of a run's weights."""
    try:
        return Card.model_validate(json.loads(metadata["card"]))
    except ValidationError as error:
        again = f"run `dvc repro train@{run}` again"
        raise UserError(f"{paths.weights(run)} was written by other code than this: {again}") from error


def read(run: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of a run, or of weights trained elsewhere, and what is said beside them."""
    from safetensors import safe_open

    path = paths.weights(run)
    if not path.exists():
        elsewhere = f"adopt@{run} where it comes from elsewhere"
        raise UserError(f"{path} is missing: run `dvc repro train@{run}` first, {elsewhere}")
    with safe_open(path, framework="pt") as file:
        names = file.keys()  # not a dict: it cannot be walked
        return {name: file.get_tensor(name) for name in names}, file.metadata() or {}
