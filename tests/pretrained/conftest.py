"""What tests of models from elsewhere start from."""

from pathlib import Path

import pytest

from stages.sourcing import repository
from tests import project, tiny_bert
from tests.from_hub import configure
from tests.misbehaving import Server


@pytest.fixture(autouse=True)
def _in_a_small_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.delenv("DATA_MIRROR", raising=False)
    project.scratch()
    configure()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The tiny model, as transformers saves it."""
    return tiny_bert.save(tmp_path / "my_model")


@pytest.fixture
def served(server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The hub, which has the tiny model."""
    monkeypatch.setattr(repository, "HUB", server.url)
    server.behaviours = [tiny_bert.serving(folder)]
    return server
