"""Arguments in blocks of params.yaml, held against the functions that take them.

Before any work against what their files say of them; where one is called, against what it is by then.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from inspect import Parameter
from typing import Any

from pydantic import TypeAdapter, create_model

from stages.core import checking, choices, signatures
from stages.core.checking import EXACT, Block, Home
from stages.core.choices import ArgumentsOf
from stages.core.errors import UserError
from stages.core.signatures import Signature


def check(known: Mapping[str, Parameter], given: Mapping[str, Any], *, at: str, home: Home) -> dict[str, Any]:
    """The arguments of a function that takes those that are `known`, with its defaults.

    Raises:
        UserError: one is unknown, missing, or of the wrong type or range.
    """
    return dict(checking.check(_block(known), given, at=at, home=home))


def broken(
    arguments: ArgumentsOf,
    name: str,
    given: Mapping[str, Any],
    *,
    at: str,
    home: Home,
    may_lack: bool,
) -> Iterator[str]:
    """What is wrong with those of the file of that name, as far as its text tells.

    Args:
        may_lack: what is missing is brought from elsewhere.
    """
    taken = signatures.read(arguments.room, name, arguments.function)
    # The block takes its time to be made, and of what is right nothing is told.
    if not taken or (_fits(taken, given) and (may_lack or taken.required <= given.keys())):
        return
    known = taken.keywords()
    if may_lack:
        known = {key: one.replace(default=None) for key, one in known.items()}
    try:
        block = _block(known)
    except Exception:  # of an annotation that is none: it is told by the stage that runs it
        return
    try:
        checking.check(block, given, at=at, home=home)
    except UserError as error:
        yield str(error)


def _fits(taken: Signature, given: Mapping[str, Any]) -> bool:
    """Whether each of the arguments that are given is known, and of its type and range."""
    try:
        for key, value in given.items():
            _rule(taken, key).validate_json(json.dumps(value))
    except Exception:  # of an annotation that is none too
        return False
    return True


@cache
def _rule(taken: Signature, key: str) -> TypeAdapter[Any]:
    return TypeAdapter(taken.annotation(key), config=EXACT)


def names(arguments: ArgumentsOf, block: Mapping[str, Any]) -> Sequence[str]:
    """What they are called where `block` holds the choice; none where it names none that runs."""
    name = block.get(arguments.choice)
    if not isinstance(name, str) or name not in choices.names(arguments.room):
        return ()
    if taken := signatures.read(arguments.room, name, arguments.function):
        return list(taken.written)
    make = arguments.taken_by(name)
    return list(choices.keywords(make, evaluated=False)) if make else ()


def _block(known: Mapping[str, Parameter]) -> type[Block]:
    """A block whose keys are those arguments."""
    fields: dict[str, Any] = {
        name: (one.annotation, ... if one.default is one.empty else one.default)
        for name, one in known.items()
    }
    return create_model("Arguments", __base__=Block, **fields)
