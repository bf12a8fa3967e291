"""What tests of the ground floor share."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stages.core import definitions, outlines, signatures

_READERS = (
    *(outlines.takes, outlines.gives, outlines.constant),
    *(definitions.find, definitions.statements),
    *(signatures.read, signatures._meaning),
)


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Write a file below a `stages` of its own, where the text of files is then read."""
    for module in (definitions, outlines):
        monkeypatch.setattr(module, "STAGES", tmp_path / "stages")

    def put(path: str, text: str) -> None:
        file = tmp_path / "stages" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    _forget()
    yield put
    _forget()


def _forget() -> None:
    for reader in _READERS:
        reader.cache_clear()
