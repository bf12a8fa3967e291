"""Broken params: every value and key of nested blocks changed, one at a time; and rules to judge them by.

A rule is a function of a value and its path that gives the paths where the value breaks it. Rules are written
out from the manual in params.yaml, not taken from the code that checks params.
"""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

Path = tuple[str, ...]
Rule = Callable[[Any, Path], list[Path]]

NAN, INF, HUGE = math.nan, math.inf, 10**30
VALUES: tuple[Any, ...] = (
    *(None, True, False, -1, 0, 1, 2, 7, HUGE, -HUGE),
    *(-0.5, 0.0, 0.5, 1.0, 1.5, 1e-300, 1e300, NAN, INF, -INF),
    *("", " ", "yes", "1", "0.5", "None", "ADAM", "../x", "a.b", "a/b", "a\nb", "ünï", "x" * 999),
    *([], [1], ["adam"], [[]], [None], {}, {"a": 1}, {"": {}}),
)
KEYS = ("", "unknown", "Fit", "a.b", "../x", "a-b", "a\nb")
# What stands for no value at all.
ABSENT = object()


def paths(node: Any, at: Path = ()) -> Iterator[Path]:
    """The path of every value below `node`, blocks and leaves."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield (*at, key)
            yield from paths(value, (*at, key))


def changed(content: dict[str, Any], path: Path, value: Any) -> Any:
    """`content` with `value` at `path`, or without it where the value is ABSENT; they share all the rest."""
    if not path:
        return value
    key, *deeper = path
    if not deeper and value is ABSENT:
        return {name: other for name, other in content.items() if name != key}
    return content | {key: changed(content[key], tuple(deeper), value) if deeper else value}


def mutations(content: dict[str, Any], path: Path) -> Iterator[Any]:
    """`content`, each time with another thing wrong at `path`; the empty path is the whole of it."""
    given: Any = content
    for key in path:
        given = given[key]
    for other in (*VALUES, *_like(given)):
        yield changed(content, path, other)
    if path:
        without = changed(content, path, ABSENT)
        yield without
        for key in _like(path[-1])[:4]:
            yield changed(without, (*path[:-1], key), given)
    if isinstance(given, dict):
        for key in KEYS:
            yield changed(content, (*path, key), 1)
            yield changed(content, (*path, key), next(iter(given.values()), {}))


def _like(word: Any) -> list[Any]:
    if not isinstance(word, str):
        return []
    return [word.upper(), word + "x", word[:-1], f"{word} ", [word], "scratch", "cnn", "accuracy"]


def value(test: Callable[[Any], bool]) -> Rule:
    """A value for which `test` holds."""
    return lambda given, at: [] if test(given) else [at]


def whole(low: int, high: int = 2**31 - 1) -> Rule:
    """An integer in [low, high]; `true` is none."""
    return value(lambda given: type(given) is int and low <= given <= high)


def number(test: Callable[[float], bool]) -> Rule:
    """A number of a size that float32 squares, for which `test` holds; `true` is none."""
    return value(lambda given: type(given) in (int, float) and abs(given) <= 1e18 and test(given))


def one_of(*words: str) -> Rule:
    """One of these words, letter by letter."""
    return value(lambda given: isinstance(given, str) and given in words)


def listed(rule: Rule) -> Rule:
    """A list of what the rule allows."""

    def check(given: Any, at: Path) -> list[Path]:
        if not isinstance(given, list):
            return [at]
        return [path for i, one in enumerate(given) for path in rule(one, (*at, str(i)))]

    return check


def block(rules: dict[str, Rule], *, optional: tuple[str, ...] = ()) -> Rule:
    """A mapping with exactly these keys, of which the `optional` may be left out."""

    def check(given: Any, at: Path) -> list[Path]:
        if not isinstance(given, dict):
            return [at]
        wrong = [(*at, key) for key in given.keys() ^ rules.keys() if key not in optional or key in given]
        return wrong + [
            path for key in given.keys() & rules.keys() for path in rules[key](given[key], (*at, key))
        ]

    return check


def partial(rules: dict[str, Rule]) -> Rule:
    """A mapping with any of these keys."""
    return block(rules, optional=tuple(rules))


def named(rule: Rule) -> Rule:
    """A mapping from names that files and stages can have to what the rule allows."""

    def check(given: Any, at: Path) -> list[Path]:
        if not isinstance(given, dict):
            return [at]
        wrong = [(*at, key) for key in given if not re.fullmatch("[a-z][a-z0-9_]{0,63}", key)]
        return wrong + [path for key, one in given.items() for path in rule(one, (*at, key))]

    return check


def written(path: Path) -> str:
    """A path as messages write it: what is no plain word stands in quotes."""
    return ".".join(step if re.fullmatch(r"[\w-]{1,64}", step) else repr(step) for step in path)
