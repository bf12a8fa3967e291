"""Classes of the user's own that may be meant as one."""

from collections.abc import Iterable

from stages.core.checking import shown
from stages.sourcing import given

_NAMED = 3  # in a line


def tell(classes: Iterable[str], *, place: str) -> None:
    """Say which classes of what is at `place` differ only in case or in blanks around them, if any."""
    forms: dict[str, list[str]] = {}
    for name in classes:
        forms.setdefault(name.strip().casefold(), []).append(name)
    alike = [" and ".join(map(shown, names)) for names in forms.values() if len(names) > 1]
    if alike:
        named = f"{', '.join(alike[:_NAMED])}{', …' if len(alike) > _NAMED else ''}"
        given.say(f"{place}: classes apart, though they differ only in case or blanks around them: {named}")
