"""What several tests of sources start from."""

from pathlib import Path

import pytest


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """The folder of a data set, not there yet."""
    return tmp_path / "raw" / "toy"
