"""Arguments in blocks of params.yaml, held against the functions that take them.

Before any work against what their files say of them; where one is called, against what it is by then.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from inspect import Parameter
from typing import Any

from pydantic import TypeAdapter, create_model

from stages.core import checking, signatures
from stages.core.checking import EXACT, Block, Home
from stages.core.choices import ArgumentsOf
from stages.core.errors import UserError
from stages.core.signatures import Signature


def block(known: Mapping[str, Parameter]) -> type[Block]:
    """A block whose keys are the arguments of a function: those that are `known`, with their defaults."""
    fields: dict[str, Any] = {name: _field(one) for name, one in known.items()}
    return create_model("Arguments", __base__=Block, **fields)


def _field(argument: Parameter) -> tuple[Any, Any]:
    annotation, default = argument.annotation, argument.default
    is_bare, is_required = annotation is argument.empty, default is argument.empty
    return Any if is_bare else annotation, ... if is_required else default


def broken(
    arguments: ArgumentsOf,
    name: str,
    given: Mapping[str, Any],
    *,
    at: str,
    home: Home,
    may_lack: bool,
) -> Iterator[str]:
    """What is wrong with the arguments that are `given` for a file, as far as its text tells.

    Args:
        name: that of the file.
        may_lack: what is missing is brought from elsewhere.
    """
    taken = signatures.read(arguments.room, name, arguments.function)
    if taken and may_lack:
        taken = replace(taken, required=frozenset())
    # To make a block is slow: only what is wrong needs one.
    if not taken or (_fits(taken, given) and taken.required <= given.keys()):
        return
    try:
        known = block(taken.keywords())
    except Exception:  # of an annotation that is none: it is told by the stage that runs it
        return
    try:
        checking.check(known, given, at=at, home=home)
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


def names(arguments: ArgumentsOf, given: Mapping[str, Any]) -> Sequence[str]:
    """The arguments of the file that a block names in what is `given`; none where its text does not tell."""
    name = given.get(arguments.choice)
    taken = signatures.read(arguments.room, name, arguments.function) if isinstance(name, str) else None
    return list(taken.written) if taken else ()
