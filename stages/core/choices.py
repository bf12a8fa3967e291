"""Choices: names in params.yaml that are names of files in their rooms, and the arguments beside them."""

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import AfterValidator

from stages.core import annotations
from stages.core.checking import Block, nearest, shown

STAGES = Path(__file__).parents[1]
ROOMS = ("datasets", "pretrained", "architectures", "objectives", "tasks", "classical")


def file_of(room: str) -> AfterValidator:
    """The rule that a text is the name of a file of `room`."""

    def known(name: str) -> str:
        if name in (known := names(room)):
            return name
        others = [f", a file of stages/{other}" for other in ROOMS if name in names(other)]
        got = f"{shown(name)}{''.join(others[:1])}; {nearest(name, known)}"
        raise ValueError(f"must be a file of stages/{room}, got {got}")

    return AfterValidator(known)


@dataclass(frozen=True)
class ArgumentsOf:
    """What a mapping holds: the arguments of `function` of the file of `room` that the key `choice` names."""

    room: str
    choice: str
    function: str = "build"

    def taken_by(self, name: str) -> Callable[..., Any] | None:
        """The function of the file of that name; None where there is none that runs."""
        try:
            made: Callable[..., Any] = getattr(load(self.room, name), self.function)
        except Exception:  # whatever a file of the user's raises: it is told by the stage that runs it
            return None
        return made


def arguments(block: type[Block]) -> dict[str, ArgumentsOf]:
    """The keys of a block that hold arguments, and those of what."""
    found = {key: field.metadata for key, field in annotations.fields(block).items()}
    return {key: one for key, known in found.items() for one in known if isinstance(one, ArgumentsOf)}


def load(room: str, name: str) -> ModuleType:
    """The module of that name, and no other of its room."""
    return importlib.import_module(f"stages.{room}.{name}")


def keywords(make: Callable[..., Any], *, evaluated: bool = True) -> dict[str, inspect.Parameter]:
    """The arguments of `make` that params.yaml has, by name; annotations that are text are `evaluated`."""
    known = inspect.signature(make, eval_str=evaluated).parameters
    return {name: one for name, one in known.items() if one.kind is one.KEYWORD_ONLY}


def names(room: str) -> frozenset[str]:
    """The names of the files of a room."""
    return _files(STAGES / room)


@cache
def _files(room: Path) -> frozenset[str]:
    """The same, listed once: each block of params.yaml asks."""
    return frozenset(file.stem for file in room.glob("[!_]*.py"))
