"""The rooms: a name in params.yaml is the name of a file in its room, and so a dependency in dvc.yaml."""

import importlib
import inspect
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any, get_args

from pydantic import AfterValidator, create_model

from stages.core.checking import Block, check, nearest, shown
from stages.core.errors import UserError
from stages.core.spec import Spec

STAGES = Path(__file__).parents[1]


def file_of(room: str) -> AfterValidator:
    """The rule that a text is the name of a file of `room`."""

    def known(name: str) -> str:
        files = _files(STAGES / room)
        if name not in files:
            raise ValueError(f"must be a file of stages/{room}, got {shown(name)}; {nearest(name, files)}")
        return name

    return AfterValidator(known)


@cache
def _files(room: Path) -> frozenset[str]:
    return frozenset(file.stem for file in room.glob("[!_]*.py"))


def load(room: str, name: str) -> ModuleType:
    """The module of that name, and no other of its room."""
    return importlib.import_module(f"stages.{room}.{name}")


def build(room: str, name: str, spec: Any, arguments: Mapping[str, Any], *, at: str) -> Any:
    """`build(spec, **arguments)` of that module, the arguments held against its signature first.

    Args:
        at: where in params.yaml the arguments stand.

    Raises:
        UserError: an argument is unknown, missing, of the wrong type or range, or not fit for `spec`;
            or it is for another kind of data.
    """
    make = load(room, name).build
    check_kind(make, spec, at=f"{at.rpartition('.')[0]}: {name}")
    return call(make, spec, arguments=arguments, at=at)


def call(make: Callable[..., Any], *given: Any, arguments: Mapping[str, Any], at: str) -> Any:
    """`make(*given, **arguments)`, as `build` has it."""
    checked = check_arguments(make, arguments, at=at)
    try:
        return make(*given, **checked)
    except ValueError as error:
        raise UserError(f"{at}.{error}") from error
    except (MemoryError, RuntimeError) as error:  # as torch calls a lack of memory
        raise UserError(f"{at} cannot be built: {' '.join(str(error).split())}") from error


def check_arguments(make: Callable[..., Any], arguments: Mapping[str, Any], *, at: str) -> dict[str, Any]:
    """The keyword arguments of `make`, held against its signature, with its defaults.

    Raises:
        UserError: one is unknown, missing, or of the wrong type or range.
    """
    fields: dict[str, Any] = {
        parameter.name: (
            parameter.annotation,
            ... if parameter.default is parameter.empty else parameter.default,
        )
        for parameter in inspect.signature(make, eval_str=True).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    return dict(check(create_model(make.__name__, __base__=Block, **fields), arguments, at=at))


def check_kind(make: Callable[..., Any], spec: Any, *, at: str) -> None:
    """Hold a data set against the kinds that the first argument of `make` is annotated with.

    Raises:
        UserError: it is of another.
    """
    wanted = next(iter(inspect.signature(make, eval_str=True).parameters.values())).annotation
    kinds = get_args(wanted) if isinstance(wanted, UnionType) else (wanted,)
    if not isinstance(spec, kinds):
        names = [known.__name__.lower() for known in get_args(Spec) if issubclass(known, kinds)]
        got = type(spec).__name__.lower()
        raise UserError(f"{at} must be given {' or '.join(names)}, got the {got} of {spec.dataset!r}")
