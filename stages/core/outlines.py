"""Outlines: what the files of the rooms say of themselves in their text. Nothing is imported to read it.

So a task is held against data and a network before this is trained, though no training depends on how its
run is judged; and what is mistaken is told without waiting for PyTorch.
"""

import ast
import re
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, get_args

from stages.core import spec
from stages.core.choices import STAGES

Kinds: TypeAlias = tuple[type, ...]

_KINDS: Kinds = get_args(spec.Spec)
_ANY: Kinds = (object,)
# Where a statement begins: no space before it, and no bracket that one above has opened.
_BEGIN = re.compile(r"^(?=[^\s#)\]}])", re.MULTILINE)
# What gives names a meaning: a definition one, an assignment those before its sign, these others any in them.
_DEFINES = re.compile(r"^(?:async def|def|class) (\w+)", re.MULTILINE)
_ASSIGNS = re.compile(r"([\w\s,.*()\[\]]+)(?::|=(?!=))")
_MAY = re.compile(r"(?:if|elif|else|for|while|try|except|finally|with|match|del|from|import)\b")
# The modules of core are there already: what they have need not be read.
_CORE = "stages.core."


class Found(NamedTuple):
    """What gives a name its meaning, and the file where it stands."""

    file: Path
    node: ast.stmt


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
    known = _node(room, name, wanted)
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


def _node(room: str, name: str, wanted: str) -> ast.stmt | None:
    found = find(file_of(room, name), wanted)
    return found.node if found else None


def file_of(room: str, name: str) -> Path:
    """The file of that name."""
    return STAGES / room / f"{name}.py"


@cache
def find(file: Path, name: str) -> Found | None:
    """What gives a name its meaning at the top of a file, or of the file of ours that it is imported from.

    None where the text does not tell: where nothing does, or more than one statement may.
    """
    texts = [text for text in statements(file) if name in text and name in _given(text)]
    node = _parsed(texts[0]) if len(texts) == 1 else None
    if not isinstance(node, ast.ImportFrom) or not (module := node.module or "").startswith("stages."):
        return Found(file, node) if node else None
    own = next((one.name for one in node.names if (one.asname or one.name) == name), None)
    if module.startswith(_CORE) or not own:
        return Found(file, node)
    return find(STAGES.parent / f"{module.replace('.', '/')}.py", own)


def _given(text: str) -> Collection[str]:
    """The names that a statement gives a meaning, or may."""
    if made := _DEFINES.search(text):
        return made.groups()
    if _MAY.match(text):
        return re.findall(r"\w+", text)
    names = _ASSIGNS.match(text)
    return re.findall(r"\w+", names[1]) if names else ()


@cache
def statements(file: Path) -> Sequence[str]:
    """The text of each, to be parsed where it is asked for: parsing all of every file doubled the time that
    params.yaml takes. None of a file that is not there, which the stage tells that runs it.
    """
    try:
        parts = _BEGIN.split(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    texts = [""]
    for part in parts:
        texts[-1] += part
        if not part.startswith("@"):  # what decorates a function is of its statement
            texts.append("")
    return texts


def _parsed(text: str) -> ast.stmt | None:
    """A statement, of a function its head; None of what is no Python, which the stage tells that runs it."""
    head, end, _ = text.partition(":\n")  # within a bracket or a text it leaves what is no Python
    for code in ([f"{head}: ..."] if end else []) + [text]:
        try:
            return next(iter(ast.parse(code).body), None)
        except (SyntaxError, ValueError):
            continue
    return None
