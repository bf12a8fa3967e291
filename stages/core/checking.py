"""Checked values: pydantic decides, and its verdict is told as a path, a rule and a value."""

import difflib
import json
import re
import reprlib
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from stages.core import remedies
from stages.core.annotations import fields, inside, length
from stages.core.errors import UserError

# Characters of a list of known names.
_KNOWN = 300
# What JSON calls by another name than YAML.
_WORDS = (
    ("an object", "a mapping"),
    ("a valid array", "a list"),
    ("a valid boolean", "true or false"),
    ("a valid string", "text"),
)


# Every type exact, no infinities.
EXACT = ConfigDict(strict=True, allow_inf_nan=False)


class Block(BaseModel):
    """A block of params: every key known, every type exact, no infinities."""

    model_config = EXACT | ConfigDict(extra="forbid", frozen=True)


Checked = TypeVar("Checked", bound=BaseModel)
# From the path of a key that is not known to that of one that is.
Home: TypeAlias = Callable[[Sequence[str]], Sequence[str] | None]


def nearest(name: object, known: Iterable[str]) -> str:
    """How to go on after a wrong name: the closest known one, else all of them."""
    choices = sorted(known)
    told = textwrap.shorten(", ".join(choices), _KNOWN, placeholder=" …")
    return f"did you mean {close!r}?" if (close := near(name, choices)) else f"known: {told or 'none'}"


def near(name: object, known: Iterable[str], *, alike: float = 0.6) -> str | None:
    """The known name that a wrong one is most like, if it is so `alike`: 1 where only case differs."""
    forms = {one.lower(): one for one in sorted(known)}
    close = difflib.get_close_matches(str(name).lower(), forms, n=1, cutoff=alike)
    return forms[close[0]] if close else None


def check(block: type[Checked], values: object, *, at: str = "", home: Home = lambda path: None) -> Checked:
    """`values` as a `block`.

    Args:
        at: the path of the block in params.yaml.
        home: where a key belongs that the block does not know, None where nobody knows it.

    Raises:
        UserError: a line for each rule that is broken.
    """
    try:
        # As JSON, where strict mode takes a list for a tuple too: YAML has no other way to write one.
        return block.model_validate_json(json.dumps(values))
    except ValidationError as error:
        told = (_tell(block, problem, at, home) for problem in error.errors())
        raise UserError(lines(dict.fromkeys(told))) from None


def lines(messages: Iterable[str]) -> str:
    """The messages under each other, as they stand behind `error: `."""
    return "\n       ".join(messages)


def path_to(*steps: object) -> str:
    """The steps as a path into params.yaml, on one line whatever they are."""
    plain = re.compile(r"[\w-]{1,64}")
    return ".".join(str(step) if plain.fullmatch(str(step)) else shown(step) for step in steps)


def shown(value: object) -> str:
    """`value` on one line, however long it is."""
    return _SHORT.repr(value)


def _tell(block: type[BaseModel], problem: Mapping[str, Any], at: str, home: Home) -> str:
    location, given = [step for step in problem["loc"] if step != "[key]"], problem["input"]
    path, wanted = _path(at, location), inside(block, location)
    match problem["type"]:
        case "extra_forbidden":
            return f"{path} is not known; {_meant(block, location, at, home)}"
        case "missing" if count := length(inside(block, location[:-1])):
            return f"{_path(at, location[:-1])} must be a list of {count} values, got {shown(given)}"
        case "too_long" if count := length(wanted):
            return f"{path} must be a list of {count} values, got {shown(given)}"
        case "missing":
            is_shared = len(location) > 1 and location[-1] in block.model_fields
            return f"{path} is missing{remedies.empty(location[-1], wanted, is_shared=is_shared)}"
        case "value_error":
            # A rule over a whole block begins with the key that it blames, one over a value goes on from it.
            between = "" if not path else "." if isinstance(given, Mapping) else " "
            return f"{path}{between}{problem['ctx']['error']}"
    rule = re.sub(r"^\w+ should", "must", problem["msg"])
    for word, ours in _WORDS:
        rule = rule.replace(word, ours)
    got = "nothing" if given is None else shown(given)
    many = "" if length(wanted) else remedies.listed(problem)
    return f"{path or 'params.yaml'} {rule}, got {got}{remedies.of(problem) or many}"


def _path(at: str, location: Sequence[Any]) -> str:
    return ".".join(filter(None, [at, path_to(*location)]))


def _meant(block: type[BaseModel], location: Sequence[Any], at: str, home: Home) -> str:
    """Where an unknown key belongs, if any block of params.yaml knows it; else what is like it."""
    *steps, key = location
    if place := home([*filter(None, at.split(".")), *map(str, location)]):
        return f"did you mean {path_to(*place)}?"
    return nearest(key, fields(inside(block, steps)))


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 80
