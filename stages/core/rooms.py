"""The rooms: a name in params.yaml is the name of a file in its room, and so a dependency in dvc.yaml."""

import importlib
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import create_model

from stages.core.checking import STRICT, check as check_block, nearest
from stages.core.errors import UserError

STAGES = Path(__file__).parents[1]


def check(room: str, name: str, *, at: str) -> None:
    """Hold `name`, which stands at the path `at` of params.yaml, against the files of `room`.

    Raises:
        UserError: there is no such file; the message names the nearest, or all.
    """
    files = {file.stem for file in (STAGES / room).glob("[!_]*.py")}
    if name not in files:
        raise UserError(f"{at} {name!r} is not a file of stages/{room}; {nearest(name, files)}")


def load(room: str, name: str) -> ModuleType:
    """The module of that name, and no other of its room."""
    return importlib.import_module(f"stages.{room}.{name}")


def build(room: str, name: str, spec: Any, arguments: Mapping[str, Any], *, at: str) -> Any:
    """`build(spec, **arguments)` of that module, the arguments held against its signature first.

    Args:
        at: where in params.yaml the arguments stand.

    Raises:
        UserError: an argument is unknown, missing, or of the wrong type or range.
    """
    make: Callable[..., Any] = load(room, name).build
    fields: dict[str, Any] = {
        parameter.name: (
            parameter.annotation,
            ... if parameter.default is parameter.empty else parameter.default,
        )
        for parameter in inspect.signature(make).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    checked = check_block(create_model(f"{name}.build", __config__=STRICT, **fields), arguments, at=at)
    return make(spec, **dict(checked))
