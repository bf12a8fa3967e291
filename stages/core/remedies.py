"""What to do about a value of params.yaml that is refused, where the value itself tells it."""

import difflib
import json
import re
from collections.abc import Mapping
from typing import Any, get_origin

from stages.core import yaml12

# Of a value that was left empty, what says so for its type.
_EMPTY = {"dict_type": "{}", "model_type": "{}", "list_type": "[]", "tuple_type": "[]"}
# What YAML 1.1 and people call true and false.
_FLAGS = dict.fromkeys(("yes", "y", "on", "true", "1"), "true")
_FLAGS |= dict.fromkeys(("no", "n", "off", "false", "0"), "false")
_WHOLE = 2**53  # beyond it floats leave integers out
# Characters of what is written as a list.
_LISTED = 60
# How alike a word must be to be a slip: adma is adam, but gpu is not cpu.
_ALIKE = 0.7


def of(problem: Mapping[str, Any]) -> str:
    """How to go on after a value of the wrong type, as pydantic tells the problem; "" where nobody knows."""
    kind, given = problem["type"], problem["input"]
    if given is None and kind in _EMPTY and problem["loc"]:
        return f"; write {_EMPTY[kind]} for an empty one"
    if kind == "string_type" and isinstance(given, int | float):
        return "; quotes make it text"
    if isinstance(given, str) and _is_of(kind, given):
        return f"; quotes make it text: write {given}"
    if isinstance(given, str) and kind == "literal_error":
        words = re.findall("'([^']+)'", problem["ctx"]["expected"])
        known = words if len(words) > 1 else []  # one alone has been said
        close = difflib.get_close_matches(given.lower(), known, n=1, cutoff=_ALIKE)
        return f"; write {close[0]}" if close else ""
    if isinstance(given, str) and kind in ("dict_type", "model_type"):
        return _spaced(given)
    meant = _meant(kind, given)
    return f"; write {meant}" if meant else ""


def empty(key: str, wanted: Any, *, is_shared: bool) -> str:
    """How to go on where a key is missing that may be empty; what `is_shared` then stands in for it."""
    if is_shared:
        return f"; `{key}: {{}}` takes all that is shared"
    return f"; write `{key}: {{}}` for an empty one" if get_origin(wanted) is dict else ""


def listed(problem: Mapping[str, Any]) -> str:
    """How to write as a list what is none; "" where that is long."""
    kind, given = problem["type"], problem["input"]
    text = given if isinstance(given, str) else json.dumps(given)
    is_list = kind in ("list_type", "tuple_type") and len(text) <= _LISTED
    if not is_list or not re.fullmatch(r"[\w.+-]+([,; ]+[\w.+-]+)*", text):
        return ""
    return f"; a list is written [{', '.join(re.split('[,; ]+', text))}]"


def _meant(kind: str, given: Any) -> str:
    """What a value stands for, written as one of that type; "" where it does for nothing."""
    if kind == "bool_type":
        return _FLAGS.get(str(given).lower(), "")
    if kind not in ("int_type", "float_type"):
        return ""
    if isinstance(given, float):
        return str(int(given)) if given.is_integer() and abs(given) < _WHOLE else ""
    return _number(kind, given) if isinstance(given, str) else ""


def _number(kind: str, text: str) -> str:
    """The number that a text is to be: 0,003 with a comma, 1_000 or 10,000 in groups, a share of 15 %."""
    groups = re.fullmatch(r"[1-9]\d{0,2}([_, ]\d{3})+", text) if kind == "int_type" else None
    if not groups and re.search(r"(?<!^0),\d{3}\b", text.lstrip("+-")):
        return ""  # of 10,000 nobody knows whether ten or ten thousand are meant
    number = re.sub("[_, ]", "", text) if groups else text.replace(",", ".")
    if share := re.fullmatch(r"(\d+(?:\.\d+)?) ?%", number):
        number = f"{float(share[1]) / 100:g}"
    return number if _is_of(kind, number) else ""


def _spaced(text: str) -> str:
    """How to write keys whose colons have no space behind them."""
    found = re.match(r"([\w-]{1,40}):(\S{1,40})(?= |$)", text)
    return f"; a space stands behind a colon: write {found[1]}: {found[2]}" if found else ""


def _is_of(kind: str, text: str) -> bool:
    """Whether YAML makes a value of that type of a text: of a number an integer too, but no infinity."""
    made = f"{yaml12.kind(text)}_type"
    if kind == "float_type":
        return made in (kind, "int_type") and any(sign.isdigit() for sign in text)
    return made == kind
