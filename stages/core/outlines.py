"""Outlines: what the files of the rooms say of themselves in their text. Nothing is imported to read it.

So a task is held against data and a network before this is trained, though no training depends on how its
run is judged; and what is mistaken is told without waiting for PyTorch.
"""

import ast
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias, get_args

from stages.core import spec
from stages.core.choices import STAGES

Kinds: TypeAlias = tuple[type, ...]

_KINDS: Kinds = get_args(spec.Spec)
_ANY: Kinds = (object,)
# Where a statement begins: no space before it, and no bracket that one above has opened.
_BEGIN = re.compile(r"^(?=[^\s#)\]}])", re.MULTILINE)


@cache
def takes(room: str, name: str) -> Kinds:
    """The kinds of data that `build` of a file is annotated with; anything where it names none."""
    build = _find(STAGES / room / f"{name}.py", "build")
    given = build.args.posonlyargs + build.args.args if isinstance(build, ast.FunctionDef) else []
    return _named(given[0].annotation if given else None) or _ANY


@cache
def gives(source: str) -> Kinds:
    """The kinds of data that `encode` of a source makes, by its annotation; none where it names none."""
    encode = _find(STAGES / "datasets" / f"{source}.py", "encode")
    return _named(encode.returns if isinstance(encode, ast.FunctionDef) else None)


def fits(held: Kinds, room: str, name: str) -> bool:
    """Whether a file takes one of the kinds of data, as far as is known."""
    return not held or any(issubclass(kind, takes(room, name)) for kind in held)


def constant(room: str, name: str, wanted: str) -> Any:
    """The value of a constant of a file; None where it has none that is written out."""
    known = _find(STAGES / room / f"{name}.py", wanted)
    try:
        return (
            ast.literal_eval(known.value)
            if isinstance(known, ast.Assign | ast.AnnAssign) and known.value
            else None
        )
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


def _find(file: Path, name: str) -> ast.stmt | None:
    """What defines a name at the top of a file, or of the file of ours that it is imported from."""
    begins = re.compile(rf"(def )?{name}\b|from stages\..*\b{name}\b", re.DOTALL)
    for text in filter(begins.match, statements(file)):
        node = _parsed(text)
        match node:
            case (
                ast.FunctionDef(name=known)
                | ast.Assign(targets=[ast.Name(id=known)])
                | ast.AnnAssign(target=ast.Name(id=known))
            ) if known == name:
                return node
            case ast.ImportFrom(module=str(module), names=names):
                if any(one.name == name and not one.asname for one in names):
                    return _find(STAGES.parent / f"{module.replace('.', '/')}.py", name)
    return None


@cache
def statements(file: Path) -> Sequence[str]:
    """The text of each, to be parsed where it is asked for: parsing all of every file doubled the time that
    params.yaml takes. None of a file that is not there, which the stage tells that runs it.
    """
    try:
        return _BEGIN.split(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()


def _parsed(text: str) -> ast.stmt | None:
    """A statement; None of what is no Python, which the stage tells that runs it."""
    try:
        return next(iter(ast.parse(text).body), None)
    except (SyntaxError, ValueError):
        return None
