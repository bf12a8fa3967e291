"""params.yaml as DVC reads it: YAML 1.2, where `1e-5` is a number and `on` is a word.

`dvc exp run -S` writes `1e-05`, which PyYAML (YAML 1.1) would hand over as text. What no params file needs is
refused: repeated keys, keys that are not text, tags, and anchors, to which `-S` is blind.
"""

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError, SafeConstructor
from yaml.resolver import Resolver

from stages.core.errors import UserError

_TAG = "tag:yaml.org,2002:"
# What a plain scalar is (YAML 1.2, section 10.3.2, in decimals): pattern and first characters.
_SCALARS = {
    "null": (r"null|Null|NULL|~|", ["n", "N", "~", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    "int": (r"[-+]?[0-9]+", list("-+0123456789")),
    "float": (
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
        r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
}
# What may have led to where PyYAML gives up, by a part of what it says of it.
_KEYS = (
    "keys of a block stand equally far in, a space behind each colon, in the line above too; quotes go round "
    "a text with a colon in it"
)
_SIGN = "quotes go round a text that begins with a sign"
_REMEDIES = {
    "found character '\\t'": "indent by spaces, never by tabs",
    "mapping values are not allowed": _KEYS,
    "could not find expected ':'": _KEYS,
    "expected <block end>": _KEYS,
    "cannot start any token": _SIGN,
    "anchors": _SIGN,
    "alphabetic or numeric": _SIGN,
}


# Anchors, aliases and tags may stand here. They are refused, but the C library would let them pass.
_RARE = re.compile(r"(^|[\s\[{,:])([&*]\S|!)", re.MULTILINE)


class _Strict(SafeConstructor, Resolver):
    """What PyYAML's safe loaders make of a file, stricter."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  as in PyYAML

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag != f"{_TAG}str":
                raise ConstructorError(None, None, "a key must be text", key.start_mark)
            if key.value in seen:
                raise ConstructorError(None, None, f"the key {key.value!r} stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_scalar(self, node: Any) -> str:
        text: str = super().construct_scalar(node)
        text.encode()  # breaks off at half a character, such as "\\ud800"
        return text

    def construct_yaml_int(self, node: Any) -> int:
        return int(self.construct_scalar(node))


for _name, (_pattern, _first) in _SCALARS.items():
    _Strict.add_implicit_resolver(_TAG + _name, re.compile(f"^(?:{_pattern})$"), _first)
_Strict.add_constructor(f"{_TAG}int", _Strict.construct_yaml_int)  # type: ignore[type-var]


class _Careful(_Strict, yaml.SafeLoader):
    """Python from end to end, whose errors are told."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise ComposerError(None, None, "anchors, aliases and tags are not read here", event.start_mark)
        return super().compose_node(parent, index)


class _Quick(_Strict, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """By the C library, where PyYAML has it: it takes a third of the time, in every stage."""


def kind(text: str) -> str:
    """What a text is without quotes: null, bool, int, float or str."""
    return next((name for name, (pattern, _) in _SCALARS.items() if re.fullmatch(pattern, text)), "str")


def load(file: Path) -> Any:
    """The content of a YAML 1.2 file.

    Raises:
        UserError: the file cannot be read, or is not YAML.
    """
    try:
        return _read(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{file} is missing: stages run from the project's root") from None
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        remedies = (f"; {ours}" for part, ours in _REMEDIES.items() if part in str(error.problem))
        raise UserError(f"{file} must be YAML; line {line}: {error.problem}{next(remedies, '')}") from None
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise UserError(f"{file} must be YAML: {' '.join(str(error).split())}") from None


def _read(text: str) -> Any:
    """The content, read with care only where something is wrong or rare."""
    if not _RARE.search(text):
        with suppress(yaml.YAMLError, ValueError, OverflowError, RecursionError):
            return yaml.load(text, Loader=_Quick)  # noqa: S506  a SafeLoader
    return yaml.load(text, Loader=_Careful)  # noqa: S506  another
