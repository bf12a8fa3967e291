"""What the keys of params.yaml may be called that its user chooses."""

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator

from stages.core.checking import path_to, shown

# What DVC knows of a file beside its digest: it leaves keys of these names out wherever it meets them.
_PASSED_OVER = ("size", "nfiles")


def _name(text: str) -> str:
    """A name is a part of file names, of DVC's stage names and of paths into params.yaml."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", text):
        raise ValueError(f"must be at most 64 of a-z, 0-9 and _, a letter first, got {shown(text)}")
    return text


Name = Annotated[str, AfterValidator(_name)]


def passed_over(content: Any, *at: object) -> Iterator[str]:
    """What is wrong with the keys, however deep, that bring back stale results where they change."""
    steps = enumerate(content) if isinstance(content, list) else ()
    for key, value in content.items() if isinstance(content, dict) else steps:
        if key in _PASSED_OVER:
            why = "DVC does not look at what is called so before it takes results from its cache"
            yield f"{path_to(*at, key)} must be called otherwise: {why}"
        if isinstance(value, dict | list):
            yield from passed_over(value, *at, key)
