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

from stages.core import outlines, ranges

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
            return _Names(self.file).value(written) if written else Any
        except Exception:  # whatever a file of the user's raises: it is told by the stage that runs it
            return Any


@cache
def read(room: str, name: str, function: str) -> Signature | None:
    """The signature of a function of a file; None where its text does not tell all that it takes."""
    found = outlines.find(outlines.file_of(room, name), function)
    if not found or not isinstance(made := found.node, ast.FunctionDef):
        return None
    if made.decorator_list or made.args.kwarg:
        return None
    given = [(one.arg, one.annotation) for one in made.args.kwonlyargs]
    defaults = zip(given, made.args.kw_defaults, strict=True)
    return Signature(found.file, dict(given), frozenset(name for (name, _), value in defaults if not value))


class _Names(dict[str, Any]):
    """What the names in the annotations of a file stand for."""

    def __init__(self, file: Path) -> None:
        super().__init__(_TYPES)
        self._file = file

    def value(self, written: ast.expr) -> Any:
        """What an expression stands for."""
        match written:
            case ast.Name(id=name):
                return self[name]
            case ast.Constant(value=str(text)):
                return self.value(ast.parse(text, mode="eval").body)
            case ast.Subscript(value=outer, slice=inner):
                kind = self.value(outer)
                return kind[ast.literal_eval(inner) if kind is typing.Literal else self.value(inner)]
            case ast.Tuple(elts=several):
                return tuple(map(self.value, several))
            case ast.BinOp(left=one, op=ast.BitOr(), right=other):
                return self.value(one) | self.value(other)
            case ast.Call(func=make, args=[], keywords=given):
                return self.value(make)(**{str(one.arg): ast.literal_eval(one.value) for one in given})
        return ast.literal_eval(written)

    def __missing__(self, name: str) -> Any:
        match outlines.find(self._file, name):
            case outlines.Found(_, ast.ImportFrom(module=module, names=names)) if module in _MODULES:
                (own,) = (one.name for one in names if (one.asname or one.name) == name)
                self[name] = getattr(_MODULES[module], own)
            case outlines.Found(file, ast.Assign(value=written) | ast.AnnAssign(value=ast.expr() as written)):
                self[name] = _Names(file).value(written)
            case _:
                raise KeyError(name)
        return self[name]
