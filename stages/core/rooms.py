"""The rooms: what the files do that params.yaml names, called with the arguments that stand there."""

from collections.abc import Callable, Mapping
from typing import Any

from stages.core import checking, outlines, params
from stages.core.arguments import block
from stages.core.choices import keywords, load
from stages.core.errors import UserError


def build(room: str, name: str, spec: Any, arguments: Mapping[str, Any], *, at: str) -> Any:
    """`build(spec, **arguments)` of that module, the arguments held against its signature first.

    Args:
        at: where in params.yaml the arguments stand.

    Raises:
        UserError: an argument is unknown, missing, of the wrong type or range, or not fit for `spec`;
            or it is for another kind of data.
    """
    taken = outlines.takes(room, name)
    if not isinstance(spec, taken):
        got = f"got the {outlines.called((type(spec),))} of {spec.dataset!r}"
        raise UserError(f"{at.rpartition('.')[0]}: {name} must be given {outlines.called(taken)}, {got}")
    return call(load(room, name).build, spec, arguments=arguments, at=at)


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
    return dict(checking.check(block(keywords(make)), arguments, at=at, home=params.home))
