"""Signatures: the arguments that functions of the rooms take, by their text. Nothing is imported to read it.

What text does not tell, as what a decorator makes of a function, is told where the function is called.
"""

import ast
import typing
from collections import abc
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from inspect import Parameter
from pathlib import Path
from typing import Any

import pydantic

from stages.core import definitions, outlines, ranges

_TYPES = {one.__name__: one for one in (bool, dict, float, int, list, str, tuple)}
# What annotations are written with; of what other modules have, the text is read.
_MODULES = {one.__name__: one for one in (abc, pydantic, ranges, typing)}


@dataclass(frozen=True, eq=False)
class Signature:
    """The arguments of a function that params.yaml has: their annotations by name; what has no default."""

    file: Path
    written: Mapping[str, ast.expr | None]
    required: frozenset[str]

    def keywords(self) -> dict[str, Parameter]:
        """Each of them by name. Of a default no more is said than that there is one."""
        kind = Parameter.KEYWORD_ONLY
        defaults = {name: Parameter.empty if name in self.required else None for name in self.written}
        return {
            name: Parameter(name, kind, default=default, annotation=self.annotation(name))
            for name, default in defaults.items()
        }

    def annotation(self, name: str) -> Any:
        """What an argument is annotated with; `Any` where that is nothing, or only running the file tells."""
        written = self.written[name]
        try:
            return _value(written, self.file) if written else Any
        except Exception:  # whatever a file of the user's raises: it is told by the stage that runs it
            return Any


@cache
def read(room: str, name: str, function: str) -> Signature | None:
    """The signature of a function of a file; None where its text does not tell all that it takes."""
    found = definitions.find(outlines.file_of(room, name), function)
    if not found or not isinstance(made := found.node, ast.FunctionDef):
        return None
    if made.decorator_list or made.args.kwarg:
        return None
    given = [(one.arg, one.annotation) for one in made.args.kwonlyargs]
    defaults = zip(given, made.args.kw_defaults, strict=True)
    return Signature(found.file, dict(given), frozenset(name for (name, _), value in defaults if not value))


def _value(written: ast.expr, file: Path) -> Any:
    """What an expression in a file stands for."""
    match written:
        case ast.Name(id=name):
            return _meaning(name, file)
        case ast.Constant(value=str(text)):
            return _value(ast.parse(text, mode="eval").body, file)
        case ast.Subscript(value=outer, slice=inner):
            kind = _value(outer, file)
            return kind[ast.literal_eval(inner) if kind is typing.Literal else _value(inner, file)]
        case ast.Tuple(elts=several):
            return tuple(_value(one, file) for one in several)
        case ast.BinOp(left=one, op=ast.BitOr(), right=other):
            return _value(one, file) | _value(other, file)
        case ast.Call(func=make, args=[], keywords=given):
            return _value(make, file)(**{str(one.arg): ast.literal_eval(one.value) for one in given})
    return ast.literal_eval(written)


@cache
def _meaning(name: str, file: Path) -> Any:
    """What a name in a file stands for."""
    found = definitions.find(file, name)
    if not found:
        return _TYPES[name]
    match found.node:
        case ast.ImportFrom(module=module, names=names, level=0) if module in _MODULES:
            (own,) = (one.name for one in names if (one.asname or one.name) == name)
            return getattr(_MODULES[module], own)
    if not (written := definitions.assigned(found.node)):
        raise KeyError(name)
    return _value(written, found.file)
