"""Weights that were trained elsewhere, and what their source says of the network that they are of."""

from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict
from torch import Tensor

ENTRY = "origin"  # of what is said beside the tensors in a file


class Origin(BaseModel):
    """The network as a run asks for it, and the `vocabulary` (V) that it reads texts by."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    architecture: str
    hyper: dict[str, Any]
    vocabulary: tuple[str, ...] = ()


class Adopted(NamedTuple):
    """Tensors by their names in a network or its `backbone`, and their origin where the source knows it."""

    tensors: dict[str, Tensor]
    origin: Origin | None = None

    @property
    def said(self) -> dict[str, str]:
        """What stands beside the tensors in a file."""
        return {ENTRY: self.origin.model_dump_json()} if self.origin else {}
