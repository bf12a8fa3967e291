"""Classes of the user's own that may be meant as one."""

import re
import unicodedata
from collections.abc import Iterable

from stages.core.checking import near, shown
from stages.sourcing import given

_NAMED = 3  # in a line
# How alike two names must be for one to be a slip: positve is positive, but negative is not.
_ALIKE = 0.85
# What names are compared by: classes may well differ in a number or a letter alone, as type A and type B do.
_WORD = re.compile(r"[^\W\d_]{2,}")


def tell(classes: Iterable[str], *, place: str) -> None:
    """Say which classes of what is at `place` differ only in case, in blanks around them or in bytes."""
    forms: dict[str, list[str]] = {}
    for name in classes:
        form = unicodedata.normalize("NFKC", name.strip().casefold())  # of é too there are two
        forms.setdefault(form, []).append(name)
    alike = [" and ".join(map(shown, names)) for names in forms.values() if len(names) > 1]
    if alike:
        named = f"{', '.join(alike[:_NAMED])}{', …' if len(alike) > _NAMED else ''}"
        given.say(f"{place}: classes apart, though they read alike: {named}")


def meant(name: str, classes: Iterable[str]) -> str | None:
    """Which of the `classes` may have been meant by another one that is misspelt."""
    return near(name, [other for other in classes if not _are_two(name, other)], alike=_ALIKE)


def _are_two(name: str, other: str) -> bool:
    """Whether they differ in a number, a letter apart or what stands before, as normal and abnormal do."""
    shorter, longer = sorted((name.casefold(), other.casefold()), key=len)
    return _WORD.findall(name) == _WORD.findall(other) or (longer.endswith(shorter) and longer != shorter)
