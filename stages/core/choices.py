"""Choices: names in params.yaml that are names of files in their rooms, and the arguments beside them."""

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import AfterValidator

from stages.core.checking import nearest, shown

STAGES = Path(__file__).parents[1]
ROOMS = ("datasets", "pretrained", "architectures", "objectives", "tasks", "classical")


def file_of(room: str) -> AfterValidator:
    """The rule that a text is the name of a file of `room`."""

    def known(name: str) -> str:
        if name in (files := _files(STAGES / room)):
            return name
        others = [f", a file of stages/{other}" for other in ROOMS if name in _files(STAGES / other)]
        got = f"{shown(name)}{''.join(others[:1])}; {nearest(name, files)}"
        raise ValueError(f"must be a file of stages/{room}, got {got}")

    return AfterValidator(known)


@dataclass(frozen=True)
class ArgumentsOf:
    """What a mapping holds: the arguments of `function` of the file of `room` that the key `choice` names."""

    room: str
    choice: str
    function: str = "build"

    def names(self, block: Mapping[str, Any]) -> list[str]:
        """What they are called where `block` holds the choice; none where it names none that runs."""
        name = block.get(self.choice)
        if not isinstance(name, str) or name not in _files(STAGES / self.room):
            return []
        try:
            make = getattr(load(self.room, name), self.function)
        except Exception:  # whatever a file of the user's raises: it is told by the stage that runs it
            return []
        return list(keywords(make, evaluated=False))


def load(room: str, name: str) -> ModuleType:
    """The module of that name, and no other of its room."""
    return importlib.import_module(f"stages.{room}.{name}")


def keywords(make: Callable[..., Any], *, evaluated: bool = True) -> dict[str, inspect.Parameter]:
    """The arguments of `make` that params.yaml has, by name; annotations that are text are `evaluated`."""
    known = inspect.signature(make, eval_str=evaluated).parameters
    return {name: one for name, one in known.items() if one.kind is one.KEYWORD_ONLY}


@cache
def _files(room: Path) -> frozenset[str]:
    """The names of the files of a room, which is listed once: each block of params.yaml asks."""
    return frozenset(file.stem for file in room.glob("[!_]*.py"))
