"""Outlines: what the files of the rooms say of themselves in their text. Nothing is imported to read it.

So a task is held against data and a network before this is trained, though no training depends on how its
run is judged; and what is mistaken is told without waiting for PyTorch.
"""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias, get_args

from stages.core import definitions, spec
from stages.core.choices import STAGES

Kinds: TypeAlias = tuple[type, ...]

_KINDS: Kinds = get_args(spec.Spec)
_ANY: Kinds = (object,)


@cache
def takes(room: str, name: str) -> Kinds:
    """The kinds of data that `build` of a file is annotated with; anything where it names none."""
    build = _node(room, name, "build")
    given = build.args.posonlyargs + build.args.args if isinstance(build, ast.FunctionDef) else []
    return _named(given[0].annotation if given else None) or _ANY


@cache
def gives(source: str) -> Kinds:
    """The kinds of data that `encode` of a source makes, by its annotation; none where it names none."""
    encode = _node("datasets", source, "encode")
    return _named(encode.returns if isinstance(encode, ast.FunctionDef) else None)


def fits(held: Kinds, room: str, name: str) -> bool:
    """Whether a file takes one of the kinds of data, as far as is known."""
    return not held or any(issubclass(kind, takes(room, name)) for kind in held)


@cache
def constant(room: str, name: str, wanted: str) -> Any:
    """The value of a constant of a file; None where it has none that is written out."""
    written = definitions.assigned(_node(room, name, wanted))
    try:
        return ast.literal_eval(written) if written else None
    except ValueError:
        return None


def called(kinds: Kinds) -> str:
    """What a reader calls data of those kinds."""
    return " or ".join(known.__name__.lower() for known in _KINDS if issubclass(known, kinds))


def _named(annotation: ast.expr | None) -> Kinds:
    """The kinds of data in an annotation, such as `Texts | Series` or `Encoded[Images]`."""
    nodes = list(ast.walk(annotation)) if annotation else []
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    quoted = (node.value for node in nodes if isinstance(node, ast.Constant))
    names |= {word for text in quoted for word in re.findall(r"\w+", str(text))}
    known = [getattr(spec, name, None) for name in sorted(names)]
    kinds = [one for one in known if isinstance(one, type) and issubclass(one, spec.Facts)]
    return (*kinds, *(_KINDS if "Spec" in names else ()))


def _node(room: str, name: str, wanted: str) -> ast.stmt | None:
    found = definitions.find(file_of(room, name), wanted)
    return found.node if found else None


def file_of(room: str, name: str) -> Path:
    """The file of that name."""
    return STAGES / room / f"{name}.py"
