"""A trained network as a file that rebuilds it: tensors, and beside them what they were built from."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor, nn

from stages.core import files, layout, paths, rooms
from stages.core.adopted import Origin
from stages.core.errors import UserError
from stages.core.spec import Facts, Spec


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
    """The network of a card, its first weights drawn from the seed of torch.

    Raises:
        UserError: its hyper-parameters are mistaken, or it holds what no file of weights can.
    """
    at = f"models.{card.run}"
    model: nn.Module = rooms.build(
        "architectures", card.architecture, card.spec, card.hyper, at=f"{at}.hyper"
    )
    try:
        layout.check(model.state_dict())
    except ValueError as error:
        raise UserError(f"{at}: {card.architecture}: {error}") from error
    return model


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
