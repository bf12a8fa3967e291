"""Checked values: pydantic decides, and its verdict is told as a path, a rule and a value."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from stages.core.errors import UserError

STRICT = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Block(BaseModel):
    """A block of params: every key known, every type exact, no infinities."""

    model_config = STRICT


Checked = TypeVar("Checked", bound=BaseModel)


def nearest(name: object, known: Iterable[str]) -> str:
    """How to go on after a wrong name: the closest known one, else all of them."""
    choices = sorted(known)
    close = difflib.get_close_matches(str(name), choices, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(choices) or 'none'}"


def check(block: type[Checked], values: object, *, at: str = "") -> Checked:
    """`values` as a `block`.

    Args:
        at: the path of the block in params.yaml.

    Raises:
        UserError: one line for each rule that is broken.
    """
    try:
        return block.model_validate(values)
    except ValidationError as error:
        told = (_tell(block, problem, at) for problem in error.errors())
        raise UserError("\n       ".join(told)) from None


def _tell(block: type[BaseModel], problem: Mapping[str, Any], at: str) -> str:
    location, given = [str(step) for step in problem["loc"] if step != "[key]"], problem["input"]
    path = ".".join([at, *location] if at else location) or "params.yaml"
    match problem["type"]:
        case "extra_forbidden":
            return f"{path} is not known; {nearest(location[-1], _keys(block, location[:-1]))}"
        case "missing":
            return f"{path} is missing"
        case "literal_error":
            known = problem["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
            return f"{path} must be one of {', '.join(known)}; got {given!r}"
        case "value_error":
            return f"{path}: {problem['ctx']['error']}"
        case _:
            return f"{path} {problem['msg'].replace('Input should', 'must')}; got {given!r}"


def _keys(block: type[BaseModel], location: list[str]) -> list[str]:
    """The known keys of the block that `location` leads to; a step into a dict is any name."""
    for step in location:
        if step in block.model_fields:
            inner: Any = block.model_fields[step].annotation
            for part in (inner, *getattr(inner, "__args__", ())):
                if isinstance(part, type) and issubclass(part, BaseModel):
                    block = part
    return list(block.model_fields)
