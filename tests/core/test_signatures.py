"""The arguments that functions take by their text are those that they take."""

from collections.abc import Iterator
from typing import Any

import pytest

from stages.core import choices, signatures

FUNCTIONS = {"datasets": ("fetch", "prepare", "encode"), "pretrained": ("fetch",)}


def functions() -> Iterator[tuple[str, str, str]]:
    for room in choices.ROOMS:
        for name in sorted(choices.names(room)):
            yield from ((room, name, function) for function in FUNCTIONS.get(room, ("build",)))


@pytest.mark.parametrize(("room", "name", "function"), list(functions()))
def test_what_a_file_says_that_it_takes_is_what_it_takes(room: str, name: str, function: str) -> None:
    said = signatures.read(room, name, function)
    assert said, "its text must tell"
    taken = choices.keywords(getattr(choices.load(room, name), function))
    assert list(said.written) == list(taken)
    assert said.required == {key for key, one in taken.items() if one.default is one.empty}
    for key, one in said.keywords().items():
        assert one.annotation is Any or repr(one.annotation) == repr(taken[key].annotation)


def test_only_what_a_file_makes_itself_is_not_told() -> None:
    """Of the files that come with the project."""
    known = {
        ("architectures", "mlp", "build"),
        ("architectures", "recurrent", "build"),
        ("objectives", "adversarial", "build"),
        ("tasks", "classification", "build"),
        ("datasets", "waves", "fetch"),
        ("datasets", "text_csv", "prepare"),
        ("datasets", "text_csv", "encode"),
        ("classical", "ridge", "build"),
    }
    said = {function: signatures.read(*function) for function in known}
    untold = {
        (function[1], key)
        for function, one in said.items()
        for key, parameter in (one.keywords() if one else {}).items()
        if parameter.annotation is Any
    }
    assert all(said.values()) and untold == {("text_csv", "separator"), ("text_csv", "tokenizer")}
