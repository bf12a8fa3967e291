"""The kinds of value that params are held to."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from stages.core import choices, rooms
from stages.core.errors import UserError

FETCHES = {
    f"{room}/{file.stem}": fetch
    for room in ("datasets", "pretrained")
    for file in sorted((choices.STAGES / room).glob("[!_]*.py"))
    if "sha256" in inspect.signature(fetch := choices.load(room, file.stem).fetch).parameters
}


@pytest.mark.parametrize("fetch", FETCHES.values(), ids=FETCHES)
def test_a_digest_may_be_in_capitals_or_left_out(fetch: Callable[..., Any]) -> None:
    for given, read in {"A0" * 32: "a0" * 32, "": ""}.items():
        assert rooms.check_arguments(fetch, {"sha256": given}, at="here")["sha256"] == read


@pytest.mark.parametrize("fetch", FETCHES.values(), ids=FETCHES)
@pytest.mark.parametrize("given", ["abc", "g" * 64, "a" * 65, "a" * 64 + "\n"])
def test_what_is_no_digest_is_refused(fetch: Callable[..., Any], given: str) -> None:
    with pytest.raises(UserError, match=r"^here\.sha256 must be 64 hex digits, got '"):
        rooms.check_arguments(fetch, {"sha256": given}, at="here")
