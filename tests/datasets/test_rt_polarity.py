"""Sentence polarity on a small archive and small files of the same form, and on the mirror's own files."""

import hashlib
import io
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest

from stages.core import folders
from stages.datasets import rt_polarity
from stages.sourcing.examples import Examples
from stages.sourcing.fetching import MIRROR, Remote

# An en dash and an ellipsis are control characters in latin-1, and no end of a line.
LINES = {
    "rt-polarity.neg": ["dull – and long…", "no café"],
    "rt-polarity.pos": ["a delight .", "fine", "good"],
}
CONTENT = {name: "".join(f"{line}\n" for line in lines) for name, lines in LINES.items()}


def packed() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, text in (CONTENT | {"README": "read me"}).items():
            member = tarfile.TarInfo(f"rt-polaritydata/{name}")
            member.size = len(text.encode("windows-1252"))
            archive.addfile(member, io.BytesIO(text.encode("windows-1252")))
    return file.getvalue()


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror with the archive and, in UTF-8, what it holds."""
    folder = tmp_path / "mirror" / "rt_polarity"
    folder.mkdir(parents=True)
    contents = {"rt-polaritydata.tar.gz": packed()} | {name: text.encode() for name, text in CONTENT.items()}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    archive, *files = (
        Remote(name, hashlib.sha256(content).hexdigest()) for name, content in contents.items()
    )
    monkeypatch.setattr(rt_polarity, "ARCHIVE", archive)
    monkeypatch.setattr(rt_polarity, "UNPACKED", tuple(files))
    monkeypatch.setenv(MIRROR, str(tmp_path / "mirror"))
    return folder


def fetched(tmp_path: Path) -> Examples:
    with folders.filling(tmp_path / "raw") as folder:
        rt_polarity.fetch(folder)
    return rt_polarity.prepare(tmp_path / "raw")


@pytest.mark.parametrize("lacks", ["*.gz", "rt-polarity.*", "none"])
def test_archive_and_files_give_the_same_sentences(mirror: Path, tmp_path: Path, lacks: str) -> None:
    for path in mirror.glob(lacks):
        path.unlink()
    examples = fetched(tmp_path)
    assert examples.classes == ("negative", "positive")
    assert list(examples.train.x) == LINES["rt-polarity.neg"] + LINES["rt-polarity.pos"]
    assert examples.train.y.tolist() == [0, 0, 1, 1, 1]
    assert {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "raw").iterdir()} == CONTENT


@pytest.mark.skipif(not os.environ.get(MIRROR), reason=f"{MIRROR} is not set: no sentences at hand")
def test_the_mirror_has_all_sentences_half_of_them_positive(tmp_path: Path) -> None:
    examples = fetched(tmp_path)
    assert np.bincount(examples.train.y).tolist() == [5331, 5331]
    assert all(text.strip() for text in examples.train.x)
