"""IMDB on a small archive and small tables of the same form, and on the mirror's own tables."""

import hashlib
import io
import lzma
import os
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stages.core import folders
from stages.datasets import imdb
from stages.sourcing.examples import Examples
from stages.sourcing.fetching import MIRROR, Remote

REVIEWS = {
    "train/pos/0_9.txt": "A <br /><br />delight",
    "train/pos/10_7.txt": "Fine, NA",
    "train/neg/2_1.txt": "Dull\x85 as “ever”",
    "train/neg/1_4.txt": 'Not "good", at all ',
    "test/pos/1_10.txt": "Good",
    "test/neg/0_2.txt": "Bad",
}
OTHERS = {"train/unsup/0_0.txt": "Unlabelled", "train/labeledBow.feat": "9 0:9", "README": "Read me"}


def packed() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, text in (REVIEWS | OTHERS).items():
            member = tarfile.TarInfo(f"aclImdb/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return file.getvalue()


def table(split: str) -> bytes:
    rows = [
        (name, name.split("_")[1][:-4], int("pos" in name), text.strip())
        for name, text in REVIEWS.items()
        if name.startswith(split)
    ]
    frame = pd.DataFrame(rows, columns=["file", "rating", "label", "text"])
    return lzma.compress(frame.to_csv(index=False).encode())


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror with the archive and the tables."""
    folder = tmp_path / "mirror" / "imdb"
    folder.mkdir(parents=True)
    contents = {
        "aclImdb_v1.tar.gz": packed(),
        "imdb_train.csv.xz": table("train"),
        "imdb_test.csv.xz": table("test"),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    archive, *tables = (Remote(name, hashlib.md5(content).hexdigest()) for name, content in contents.items())
    monkeypatch.setattr(imdb, "ARCHIVE", archive)
    monkeypatch.setattr(imdb, "TABLES", tuple(tables))
    monkeypatch.setenv(MIRROR, str(tmp_path / "mirror"))
    return folder


def fetched(tmp_path: Path) -> Examples:
    with folders.filling(tmp_path / "raw") as folder:
        imdb.fetch(folder)
    return imdb.prepare(tmp_path / "raw")


@pytest.mark.parametrize(("lacks", "kept"), [("*.xz", 1), ("*.gz", 2), ("none", 2)])
def test_archive_and_tables_give_the_same_reviews_in_the_order_of_their_files(
    mirror: Path, tmp_path: Path, lacks: str, kept: int
) -> None:
    for path in mirror.glob(lacks):
        path.unlink()
    examples = fetched(tmp_path)
    assert examples.classes == ("neg", "pos")
    assert examples.test is not None
    assert list(examples.train.x) == ['Not "good", at all', "Dull\x85 as “ever”", "A   delight", "Fine, NA"]
    assert examples.train.y.tolist() == [0, 0, 1, 1]
    assert (list(examples.test.x), examples.test.y.tolist()) == (["Bad", "Good"], [0, 1])
    assert len(list((tmp_path / "raw").iterdir())) == kept
    told: dict[str, Any] = {"text": REVIEWS["train/pos/0_9.txt"]}
    exec("\n".join(examples.reading["steps"]), told)
    assert told["text"] == "A   delight"


@pytest.mark.skipif(not os.environ.get(MIRROR), reason=f"{MIRROR} is not set: no reviews at hand")
def test_the_mirror_has_all_reviews_half_of_them_positive(tmp_path: Path) -> None:
    examples = fetched(tmp_path)
    assert examples.test is not None
    for part in (examples.train, examples.test):
        assert np.bincount(part.y).tolist() == [12500, 12500]
        assert not any("<br />" in text for text in part.x)
