"""A source of one file, fetched into a folder: whole, or told of in one line."""

from pathlib import Path

import pytest

from stages.core import folders
from stages.core.errors import UserError
from stages.sourcing import fetching
from stages.sourcing.fetching import Remote
from tests.misbehaving import CONTENT, NAME


def fetch(raw: Path, *remotes: Remote) -> None:
    """Fill the folder `raw` with the files of a source called `toy`."""
    with folders.filling(raw) as folder, fetching.downloads(remotes, folder, source="toy") as paths:
        for path in paths:
            path.rename(folder / path.name)


def told(raw: Path, *remotes: Remote) -> str:
    """The one line of the error, once sure that it left nothing."""
    with pytest.raises(UserError) as error:
        fetch(raw, *remotes)
    assert not raw.exists()
    assert not raw.with_name("toy.part").exists()
    assert "\n" not in str(error.value)
    return str(error.value)


def assert_complete(raw: Path) -> None:
    """The file is there as the server has it, and nothing beside it."""
    assert (raw / NAME).read_bytes() == CONTENT
    assert [path.name for path in raw.parent.rglob("*") if path.is_file()] == [NAME]
