"""Who is judged: a network or a classical method, asked in batches."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from stages.core import asked, rooms
from stages.core.spec import Spec

Function = Callable[..., NDArray[Any]]

# What may be asked of a network by its own names; of a classical method `forward` is `answer`.
_ASKED = ("forward", "encode", "elbo", "guess", "sample")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A run and all that a task may ask of it.

    `at` is where the run stands in params.yaml, `referee` the run in whose features images are compared.
    """

    run: str
    at: str
    spec: Spec
    seed: int
    threads: int
    referee: str
    device: torch.device
    batch_size: int
    functions: Mapping[str, Function]

    def can(self, name: str) -> bool:
        """Whether it has a function of that name."""
        return name in self.functions

    def needs(self, asks: str, *, task: str) -> None:
        """Hold the subject against what the file of a task says that it `ASKS`.

        Raises:
            UserError: it has no function for that.
        """
        asked.check(asks, self.can, task=task, at=self.at)

    def ask(self, name: str, x: Tensor, *more: Tensor) -> NDArray[Any]:
        """What its function `name` says of inputs (B, ...) as networks take them, and of `more` beside."""
        return self.functions[name](x, *more)

    def sample(self, count: int, seed: int, sampling: Mapping[str, Any]) -> NDArray[Any]:
        """Pixels in [0, 1] (count, C, H, W); `sampling` are keyword arguments of its own `sample`.

        Raises:
            UserError: one of them is unknown, or of the wrong type or range.
        """
        draw, at = self.functions["sample"], f"{self.at}.measure.sampling"
        drawn: NDArray[Any] = rooms.call(draw, count, seed, arguments=sampling, at=at)
        return drawn


def classical(method: Any) -> dict[str, Function]:
    """The functions of a method that knows no tensors."""
    own = {name: _arrays(function) for name, function in named(method) if name != "sample"}
    drawn = {"sample": method.sample} if hasattr(method, "sample") else {}
    return own | drawn | ({"forward": _arrays(method.answer)} if hasattr(method, "answer") else {})


def named(owner: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """What of all that may be asked a network or a method has."""
    for name in _ASKED:
        if hasattr(owner, name):
            yield name, getattr(owner, name)


def _arrays(function: Callable[..., NDArray[Any]]) -> Function:
    return lambda *given: function(*(one.contiguous().numpy() for one in given))
