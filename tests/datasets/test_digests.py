"""The checksums of official files: each file has one, and it is that of the file which a mirror holds."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import pytest

from stages.datasets import cifar10, ett_h1, fashion_mnist, imdb, mnist, rt_polarity
from stages.sourcing import fetching, streaming
from stages.sourcing.fetching import MIRROR, Remote

SOURCES = (cifar10, ett_h1, fashion_mnist, imdb, mnist, rt_polarity)


class AskedError(Exception):
    """Raised where the download would begin."""


def asked(module: ModuleType, *, mirrored: bool) -> list[tuple[str, Remote]]:
    """What a source asks for where a mirror holds all that it may, or nothing: folder there, and file."""
    found: list[tuple[str, Remote]] = []

    def note(remotes: Sequence[Remote], folder: Path, *, source: str) -> Any:
        found.extend((source, remote) for remote in remotes)
        raise AskedError

    with (
        mock.patch.object(fetching, "mirrored", lambda remotes, source: mirrored),
        mock.patch.object(fetching, "downloads", note),
        suppress(AskedError),
    ):
        module.fetch(Path("nowhere"))
    return found


def files() -> Iterator[Any]:
    found = {one for module in SOURCES for held in (True, False) for one in asked(module, mirrored=held)}
    for source, remote in sorted(found, key=lambda one: (one[0], one[1].name)):
        yield pytest.param(source, remote, id=f"{source}/{remote.name}")


@pytest.mark.parametrize(("source", "remote"), list(files()))
def test_a_digest_is_that_of_the_mirrors_file(source: str, remote: Remote) -> None:
    if not os.environ.get(MIRROR):
        pytest.skip(f"{MIRROR} is not set: no official files at hand")
    file = Path(os.environ[MIRROR], source, remote.name)
    if not file.is_file():
        pytest.skip(f"{MIRROR} has other forms of {source} alone")
    assert streaming.digest(file, like=remote.digest) == remote.digest


@pytest.mark.parametrize("module", SOURCES, ids=lambda module: module.__name__)
def test_without_a_mirror_every_file_has_an_official_place_and_a_whole_digest(module: ModuleType) -> None:
    official = asked(module, mirrored=False)
    assert official
    for _, remote in official:
        assert re.fullmatch("[0-9a-f]{32}|[0-9a-f]{64}", remote.digest)
        assert remote.urls and all(url.startswith(("http://", "https://")) for url in remote.urls)
