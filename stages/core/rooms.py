"""The rooms: a name in params.yaml is the name of a file in its room, and so a dependency in dvc.yaml."""

import importlib
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import AfterValidator, create_model

from stages.core.checking import Block, check, nearest, shown
from stages.core.errors import UserError

STAGES = Path(__file__).parents[1]


def file_of(room: str) -> AfterValidator:
    """The rule that a text is the name of a file of `room`."""

    def known(name: str) -> str:
        files = {file.stem for file in (STAGES / room).glob("[!_]*.py")}
        if name not in files:
            raise ValueError(f"must be a file of stages/{room}, got {shown(name)}; {nearest(name, files)}")
        return name

    return AfterValidator(known)


def load(room: str, name: str) -> ModuleType:
    """The module of that name, and no other of its room."""
    return importlib.import_module(f"stages.{room}.{name}")


def build(room: str, name: str, spec: Any, arguments: Mapping[str, Any], *, at: str) -> Any:
    """`build(spec, **arguments)` of that module, the arguments held against its signature first.

    Args:
        at: where in params.yaml the arguments stand.

    Raises:
        UserError: an argument is unknown, missing, of the wrong type or range, or not fit for `spec`.
    """
    make: Callable[..., Any] = load(room, name).build
    fields: dict[str, Any] = {
        parameter.name: (
            parameter.annotation,
            ... if parameter.default is parameter.empty else parameter.default,
        )
        for parameter in inspect.signature(make, eval_str=True).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    checked = check(create_model(f"{name}.build", __base__=Block, **fields), arguments, at=at)
    try:
        return make(spec, **dict(checked))
    except ValueError as error:
        raise UserError(f"{at}.{error}") from error
    except (MemoryError, RuntimeError) as error:  # as torch calls a lack of memory
        raise UserError(f"{at} cannot be built: {' '.join(str(error).split())}") from error
