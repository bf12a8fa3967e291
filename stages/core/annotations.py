"""What an annotation of a block of params.yaml says of what may stand there."""

from collections.abc import Iterable, Mapping
from types import NoneType
from typing import Annotated, Any, get_args, get_origin


def fields(kind: Any) -> Mapping[str, Any]:
    """The fields of a block, by key; none of anything else."""
    known: Mapping[str, Any] = getattr(kind, "model_fields", {})
    return known


def inside(kind: Any, steps: Iterable[object]) -> Any:
    """The type of what stands at `steps`: of a block a field, of many of a kind any of them."""
    for step in steps:
        known = fields(kind)
        kind = known[str(step)].annotation if step in known else next(reversed(get_args(kind)), None)
        if len(given := [one for one in get_args(kind) if one is not NoneType]) == 1:
            (kind,) = given  # where it may be left out
    return kind


def length(kind: Any) -> int:
    """How many values a list has whose length is given, else 0."""
    if get_origin(kind) is tuple:
        return 0 if Ellipsis in get_args(kind) else len(get_args(kind))
    return length(get_args(kind)[0]) if get_origin(kind) is Annotated else 0
