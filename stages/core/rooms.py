"""The rooms: what the files do that params.yaml names, called with the arguments that stand there."""

import inspect
from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any, get_args

from pydantic import create_model

from stages.core import params
from stages.core.checking import Block, check
from stages.core.choices import keywords, load
from stages.core.errors import UserError
from stages.core.spec import Spec


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
        name: (one.annotation, ... if one.default is one.empty else one.default)
        for name, one in keywords(make).items()
    }
    model = create_model(make.__name__, __base__=Block, **fields)
    return dict(check(model, arguments, at=at, home=params.home))


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
