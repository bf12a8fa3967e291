"""Definitions: what gives a name its meaning at the top of a file, by its text. Nothing is imported."""

import ast
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from stages.core.choices import STAGES

# Where a statement begins: no space before it, and no bracket that one above has opened.
_BEGIN = re.compile(r"^(?=[^\s#)\]}])", re.MULTILINE)
# The modules of core are there already: what they have need not be read.
_CORE = "stages.core."
# It may give any name a meaning.
_ALL = "import *"
# What names itself, and is parsed as far as its head.
_NAMED = re.compile(r"(?:async )?def |class |@")


class Found(NamedTuple):
    """What gives a name its meaning, and the file where it stands."""

    file: Path
    node: ast.stmt


@cache
def find(file: Path, name: str) -> Found | None:
    """What gives a name its meaning at the top of a file, or of the file of ours that it is imported from.

    None where the text does not tell: where nothing does, or more than one statement may.
    """
    asked: set[tuple[Path, str]] = set()
    while (file, name) not in asked:
        asked.add((file, name))
        texts = (text for text in statements(file) if name in text or _ALL in text)
        nodes = [node for text in texts for node in _parsed(text) if _may_give(node, name)]
        if len(nodes) != 1:
            break
        there = _imported(nodes[0], name)
        if not there:
            return Found(file, nodes[0])
        file, name = there
    return None


def _may_give(node: ast.stmt, name: str) -> bool:
    """Whether a statement gives a name a meaning, or may: something in it does, or imports all there is."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name == name
    return any(_given(part) in (name, "*") for part in ast.walk(node))


def _given(part: ast.AST) -> str | None:
    """The name that a part of a statement gives a meaning."""
    match part:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return name
        case ast.alias(name=name, asname=None):
            return name.partition(".")[0]
        case (
            ast.alias(asname=name)
            | ast.FunctionDef(name=name)
            | ast.AsyncFunctionDef(name=name)
            | ast.ClassDef(name=name)
        ):
            return name
    return None


def _imported(node: ast.stmt, name: str) -> tuple[Path, str] | None:
    """The file of ours that a name is imported from, and what it is called there."""
    if not isinstance(node, ast.ImportFrom) or node.level or not (module := node.module or ""):
        return None
    own = next((one.name for one in node.names if (one.asname or one.name) == name), None)
    if not own or not module.startswith("stages.") or module.startswith(_CORE):
        return None
    return STAGES.parent / f"{module.replace('.', '/')}.py", own


def assigned(node: ast.stmt | None) -> ast.expr | None:
    """What a statement gives a name as its value, where it does no more than that."""
    match node:
        case ast.AnnAssign(value=written):
            return written
        case ast.Assign(targets=targets, value=written) if all(isinstance(one, ast.Name) for one in targets):
            return written
    return None


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


def _parsed(text: str) -> list[ast.stmt]:
    """The statements of a text, of a function its head; none of what is no Python: the stage tells that."""
    head, end, _ = text.partition(":\n")  # within a bracket or a text it leaves what is no Python
    for code in ([f"{head}: ..."] if end and _NAMED.match(text) else []) + [text]:
        try:
            return ast.parse(code).body
        except (SyntaxError, ValueError):
            continue
    return []
