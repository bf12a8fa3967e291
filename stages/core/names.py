"""What the keys of params.yaml may be called that its user chooses."""

import re
from collections.abc import Collection, Iterator
from typing import Annotated, Any

from pydantic import AfterValidator

from stages.core import homes
from stages.core.checking import nearest, path_to, shown
from stages.core.homes import Place

# What DVC knows of a file beside its digest: it leaves keys of these names out wherever it meets them.
_PASSED_OVER = ("size", "nfiles")
_FORM = re.compile("[a-z][a-z0-9_]{0,63}")


def _name(text: str) -> str:
    """A name is a part of file names, of DVC's stage names and of paths into params.yaml."""
    if _FORM.fullmatch(text):
        return text
    other = re.sub("[^a-z0-9]+", "_", text.lower()).strip("_")
    hint = f"; write {other}" if _FORM.fullmatch(other) else ""
    raise ValueError(f"must be at most 64 of a-z, 0-9 and _, a letter first, got {shown(text)}{hint}")


Name = Annotated[str, AfterValidator(_name)]


def reserved(file: Place) -> Iterator[str]:
    """What is wrong with the keys, however deep, that bring back stale results where they change."""
    why = "DVC does not look at what is called so before it takes results from its cache"
    for path in _passed_over(file.content):
        *steps, key = path
        known = homes.known(file, [str(step) for step in steps])
        yield f"{path_to(*path)} must be called otherwise, as {why}; {_instead(str(key), known)}"


def _instead(key: str, known: Collection[str] | None) -> str:
    """How to go on: the user chooses another name, here or in the file whose argument is called so."""
    if known is None:
        return f"such as my_{key}"
    return f"such as my_{key}, in its file too" if key in known else nearest(key, known)


def _passed_over(content: Any, *at: object) -> Iterator[tuple[object, ...]]:
    steps = enumerate(content) if isinstance(content, list) else ()
    for key, value in content.items() if isinstance(content, dict) else steps:
        if key in _PASSED_OVER:
            yield (*at, key)
        if isinstance(value, dict | list):
            yield from _passed_over(value, *at, key)
