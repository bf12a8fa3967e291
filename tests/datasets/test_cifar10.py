"""CIFAR-10 on a small copy of the same form."""

import hashlib
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest

from stages.core import folders
from stages.core.vision import torchvision
from stages.datasets import cifar10

BATCHES = ("data_batch_1", "data_batch_2", "test_batch")
EACH = 12
X = {b: np.random.default_rng(i).integers(0, 256, (EACH, 3, 32, 32), np.uint8) for i, b in enumerate(BATCHES)}
Y = {batch: [(i * 7 + len(batch)) % 10 for i in range(EACH)] for batch in BATCHES}
CLASSES = tuple("abcdefghij")


def md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes()).hexdigest()


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror with the unpacked folder and the archive of it."""
    folder = tmp_path / "mirror" / "cifar10" / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for batch in BATCHES:
        content = {"data": X[batch].reshape(EACH, -1), "labels": Y[batch]}
        (folder / batch).write_bytes(pickle.dumps(content))
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": list(CLASSES)}))
    archive = folder.with_name("cifar-10-python.tar.gz")
    (folder / "readme.html").write_text("not needed")
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(folder, folder.name)
    kind = torchvision.datasets.CIFAR10
    monkeypatch.setattr(kind, "url", "http://127.0.0.1:1/none")
    monkeypatch.setattr(kind, "tgz_md5", md5(archive))
    monkeypatch.setattr(kind, "train_list", [[batch, md5(folder / batch)] for batch in BATCHES[:2]])
    monkeypatch.setattr(kind, "test_list", [[BATCHES[2], md5(folder / BATCHES[2])]])
    monkeypatch.setattr(kind, "meta", kind.meta | {"md5": md5(folder / "batches.meta")})
    monkeypatch.setenv("DATA_MIRROR", str(tmp_path / "mirror"))
    return folder


def drop(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


@pytest.mark.parametrize("form", ["archive", "folder", "both"])
def test_either_form_on_the_mirror_gives_the_same_files(mirror: Path, tmp_path: Path, form: str) -> None:
    expected = {path.name: path.read_bytes() for path in mirror.iterdir() if path.name != "readme.html"}
    if form == "archive":
        drop(mirror)
    if form == "folder":
        mirror.with_name("cifar-10-python.tar.gz").unlink()
    with folders.filling(tmp_path / "raw") as folder:
        cifar10.fetch(folder)
    got = {path.name: path.read_bytes() for path in (tmp_path / "raw" / mirror.name).iterdir()}
    assert got == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mirror", "raw"]


def test_images_labels_and_classes_come_as_they_are(mirror: Path, tmp_path: Path) -> None:
    with folders.filling(tmp_path / "raw") as folder:
        cifar10.fetch(folder)
    examples = cifar10.prepare(tmp_path / "raw")
    assert examples.classes == CLASSES
    assert examples.test is not None
    np.testing.assert_array_equal(examples.train.x, np.concatenate([X[batch] for batch in BATCHES[:2]]))
    np.testing.assert_array_equal(examples.train.y, Y[BATCHES[0]] + Y[BATCHES[1]])
    np.testing.assert_array_equal(examples.test.x, X[BATCHES[2]])
    np.testing.assert_array_equal(examples.test.y, Y[BATCHES[2]])
    assert (examples.train.x.dtype, examples.train.y.dtype) == (np.uint8, np.int64)
