"""Classes of the user's own that may be meant as one."""

import unicodedata
from collections.abc import Iterable

from stages.core.checking import shown
from stages.sourcing import given

_NAMED = 3  # in a line


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
