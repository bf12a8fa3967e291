"""A trained network as a file that rebuilds it: tensors, and beside them what they were built from."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from stages.core import files, paths, rooms
from stages.core.errors import UserError
from stages.core.spec import Facts, Spec, Texts
from stages.modelling import sequences


class Card(BaseModel):
    """What a network was built from; with it the file needs neither params.yaml nor the data."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: str
    architecture: str
    hyper: dict[str, Any]
    spec: Spec = Field(discriminator="kind")
    seed: int


def save(model: nn.Module, card: Card) -> None:
    """Write `models/<run>/model.safetensors`."""
    from safetensors.torch import save_file

    tensors = {name: tensor.cpu().contiguous() for name, tensor in model.state_dict().items()}
    with files.replacing(paths.weights(card.run)) as partial:
        # One entry: safetensors writes several in an order that changes from process to process.
        save_file(tensors, partial, metadata={"card": card.model_dump_json()})


def load(run: str) -> tuple[nn.Module, Card]:
    """The network of a trained run, in evaluation mode, and its card."""
    tensors, metadata = _read(run)
    card = _card(metadata)
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


def start(model: nn.Module, spec: Spec, source: str, *, at: str) -> str:
    """Give `model` the tensors of run `source` whose names and shapes match; say which, return their digest.

    Word vectors fit only where both know the same words.

    Raises:
        UserError: `source` has tensors, but none of them fits.
    """
    tensors, metadata = _read(source)
    own = model.state_dict()
    strange = _strange(model, spec, metadata) if tensors else set()
    fitting = {n: t for n, t in tensors.items() if n in own and own[n].shape == t.shape and n not in strange}
    if tensors and not fitting:
        raise UserError(f"{at}: none of the {len(tensors)} tensors of {source!r} fits this network")
    model.load_state_dict(own | fitting)
    if tensors:
        left = ", ".join(sorted(own.keys() - fitting.keys())) or "none"
        print(f"start: {len(fitting)} of {len(own)} tensors from {source}, not taken: {left}", flush=True)
    return files.digest(paths.weights(source))


def _strange(model: nn.Module, spec: Spec, metadata: dict[str, str]) -> set[str]:
    """The tensors whose rows are words, if the source's are others than those of `spec`."""
    theirs = _card(metadata).spec
    if isinstance(spec, Texts) and isinstance(theirs, Texts) and spec.vocabulary == theirs.vocabulary:
        return set()
    named = model.named_modules()
    return {f"{name}.embedding.weight" for name, part in named if isinstance(part, sequences.Words)}


def _card(metadata: dict[str, str]) -> Card:
    return Card.model_validate(json.loads(metadata["card"]))


def _read(run: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    from safetensors import safe_open

    path = paths.weights(run)
    if not path.exists():
        raise UserError(f"{path} is missing: run `dvc repro train@{run}` first")
    with safe_open(path, framework="pt") as file:
        names = file.keys()  # not a dict: it cannot be walked
        return {name: file.get_tensor(name) for name in names}, file.metadata() or {}
