"""BERT as files of the hub have it: what `config.json` says, and its tensors as transformers calls them.

Where it was trained together with a head, `bert.` stands before them; in the first files scale and shift of a
norm are called gamma and beta.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from torch import Tensor

from stages.core.checking import Block, check, shown
from stages.core.errors import UserError
from stages.core.ranges import Count
from stages.sourcing import checkpoints

_WORDS = "embeddings.word_embeddings.weight"
_BEFORE = {".gamma": ".weight", ".beta": ".bias"}


class Config(Block):
    """What `config.json` must say; whatever else stands in it changes no state of a text."""

    model_config = ConfigDict(extra="ignore")

    hidden_size: Count
    num_attention_heads: Count
    num_hidden_layers: Count
    intermediate_size: Count
    max_position_embeddings: Count
    # As the network here has it; where nothing is said it is so.
    hidden_act: Literal["gelu"] = "gelu"
    position_embedding_type: Literal["absolute"] = "absolute"
    type_vocab_size: Literal[2] = 2
    layer_norm_eps: Annotated[float, Field(ge=1e-12, le=1e-12)] = 1e-12
    is_decoder: Literal[False] = False
    auto_map: None = None  # where code of others would stand

    @property
    def hyper(self) -> dict[str, int]:
        """The sizes as `stages/architectures/bert.py` calls them."""
        return {
            "width": self.hidden_size,
            "heads": self.num_attention_heads,
            "layers": self.num_hidden_layers,
            "hidden": self.intermediate_size,
            "length": self.max_position_embeddings,
        }


def read(file: Path, *, title: str) -> Config:
    """What the config.json of the model `title` says.

    Raises:
        UserError: it is none, or of a network other than BERT.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{title}: {file.name} must be JSON, got {error}") from error
    kind = content.get("model_type") if isinstance(content, dict) else None
    if kind != "bert":
        raise UserError(f"{title}: {file.name} must have the model_type 'bert', no other, got {shown(kind)}")
    return check(Config, content, at=f"{title}: {file.name}")


def tensors(file: Path, config: Config, *, words: int, title: str) -> dict[str, Tensor]:
    """The tensors of its encoder, for so many `words`: what stands behind them only fills up.

    Raises:
        UserError: one is not there, or not as `config` says.
    """
    found = {_today(name): tensor for name, tensor in checkpoints.read(file).items()}
    if _WORDS in found:
        found[_WORDS] = found[_WORDS][:words]
    shapes = dict(_shapes(config, words))
    for name, shape in shapes.items():
        got = tuple(found[name].shape) if name in found else "none"
        if got != shape:
            raise UserError(f"{title}: {file.name} must hold {name} of {shape}, got {got}")
    return {name: found[name] for name in shapes}


def _today(name: str) -> str:
    for before, now in _BEFORE.items():
        name = name[: -len(before)] + now if name.endswith(before) else name
    return name.removeprefix("bert.")


def _shapes(config: Config, words: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The name and shape of each tensor of the encoder."""
    width, hidden = config.hidden_size, config.intermediate_size
    yield _WORDS, (words, width)
    yield "embeddings.position_embeddings.weight", (config.max_position_embeddings, width)
    yield "embeddings.token_type_embeddings.weight", (config.type_vocab_size, width)
    maps = {f"attention.self.{one}": (width, width) for one in ("query", "key", "value")}
    maps |= {"attention.output.dense": (width, width)}
    maps |= {"intermediate.dense": (hidden, width), "output.dense": (width, hidden)}
    norms = ["embeddings.LayerNorm"]
    for number in range(config.num_hidden_layers):
        layer = f"encoder.layer.{number}"
        for name, shape in maps.items():
            yield f"{layer}.{name}.weight", shape
            yield f"{layer}.{name}.bias", shape[:1]
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
    for name in norms:
        yield f"{name}.weight", (width,)
        yield f"{name}.bias", (width,)
