"""What to do about a value of params.yaml that is refused, where the value itself tells it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from stages.core import yaml12

# Of a value that was left empty, what says so for its type.
_EMPTY = {"dict_type": "{}", "model_type": "{}", "list_type": "[]", "tuple_type": "[]"}


def of(problem: Mapping[str, Any]) -> str:
    """How to go on after a value of the wrong type, as pydantic tells the problem; "" where nobody knows."""
    kind, given = problem["type"], problem["input"]
    if given is None and kind in _EMPTY:
        return f"; write {_EMPTY[kind]} for an empty one"
    if isinstance(given, str) and f"{yaml12.kind(given)}_type" in (kind, _whole(kind)):
        return f"; quotes make it text: write {given}"
    if kind == "string_type" and isinstance(given, int | float):
        return "; quotes make it text"
    return ""


def home(steps: Sequence[str], key: str) -> tuple[str, ...] | None:
    """The path in params.yaml of a key that the block at `steps` does not know, if another block does.

    The nearest: below the block itself, then below the blocks around it. Of the whole file only its own keys
    count, such as `seed`: a block has what it refines of the shared ones below itself.
    """
    from stages.core.params import Params  # late: it is built from what stands on this

    if steps and steps[0] not in Params.model_fields:
        return None  # of another file
    around: list[Any] = [Params]
    for step in steps:
        around.append(_inside(around[-1], step))
    for depth, block in reversed(list(enumerate(around))):
        for below in _below(block, key):
            if depth or not steps or len(below) == 1:
                return (*steps[:depth], *below)
    return None


def _whole(kind: str) -> str:
    """The type whose values are of the type `kind` too: integers are numbers."""
    return "int_type" if kind == "float_type" else kind


def _inside(kind: Any, step: str) -> Any:
    """What stands under a step: of a block its field, of a dict of blocks any; nothing below arguments."""
    fields = _fields(kind)
    return fields[step].annotation if step in fields else next(reversed(get_args(kind)), None)


def _below(block: Any, key: str) -> Iterator[tuple[str, ...]]:
    """The paths below a block that end in `key`."""
    fields = _fields(block)
    if key in fields:
        yield (key,)
    for name, field in fields.items():
        yield from ((name, *rest) for rest in _below(field.annotation, key))


def _fields(kind: Any) -> Mapping[str, Any]:
    return getattr(kind, "model_fields", {})
