"""MNIST and Fashion-MNIST on small files of the same form."""

import gzip
import hashlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from stages.core import folders
from stages.core.errors import UserError
from stages.core.vision import torchvision
from stages.datasets import fashion_mnist, mnist

RANDOM = np.random.default_rng(0)
IMAGES = {
    part: RANDOM.integers(0, 256, (n, 4, 3), dtype=np.uint8) for part, n in (("train", 30), ("t10k", 20))
}
LABELS = {part: np.arange(len(images), dtype=np.uint8) % 10 for part, images in IMAGES.items()}

SOURCES = [(mnist, "MNIST"), (fashion_mnist, "FashionMNIST")]


def packed(array: np.ndarray) -> bytes:
    """An idx file: two zeros, the type (8 for uint8), the number of axes, their lengths, the values."""
    head = bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">i4").tobytes()
    return gzip.compress(head + array.tobytes(), mtime=0)


@pytest.fixture(params=SOURCES, ids=lambda source: source[1])
def source(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A source whose official files are small ones on a mirror."""
    module, name = request.param
    folder = tmp_path / "mirror" / module.__name__.rpartition(".")[2]
    folder.mkdir(parents=True)
    resources = []
    for part in ("train", "t10k"):
        for file, array in ((f"{part}-images-idx3", IMAGES[part]), (f"{part}-labels-idx1", LABELS[part])):
            content = packed(array)
            (folder / f"{file}-ubyte.gz").write_bytes(content)
            resources.append((f"{file}-ubyte.gz", hashlib.md5(content).hexdigest()))
    monkeypatch.setattr(getattr(torchvision.datasets, name), "resources", resources)
    monkeypatch.setattr(getattr(torchvision.datasets, name), "mirrors", [])
    monkeypatch.setenv("DATA_MIRROR", str(tmp_path / "mirror"))
    return module


def test_images_and_labels_come_as_they_are_with_the_official_test_split(
    source: ModuleType, tmp_path: Path
) -> None:
    with folders.filling(tmp_path / "raw") as folder:
        source.fetch(folder)
    examples = source.prepare(tmp_path / "raw")
    assert len(examples.classes) == 10
    for part, read in (("train", examples.train), ("t10k", examples.test)):
        np.testing.assert_array_equal(read.x, IMAGES[part][:, None])
        np.testing.assert_array_equal(read.y, LABELS[part])
        assert (read.x.dtype, read.y.dtype) == (np.uint8, np.int64)


def test_nothing_but_the_unpacked_files_is_left(source: ModuleType, tmp_path: Path) -> None:
    with folders.filling(tmp_path / "raw") as folder:
        source.fetch(folder)
    assert len([path for path in (tmp_path / "raw").rglob("*-ubyte") if path.is_file()]) == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mirror", "raw"]


def test_a_file_that_nobody_has_is_named(source: ModuleType, tmp_path: Path) -> None:
    (missing,) = (tmp_path / "mirror").rglob("t10k-images*")
    missing.unlink()
    name = source.__name__.rpartition(".")[2]
    line = rf"^{name}: cannot fetch t10k-images-idx3-ubyte.gz from .*: no such file$"
    with pytest.raises(UserError, match=line), folders.filling(tmp_path / "raw") as folder:
        source.fetch(folder)
    assert not (tmp_path / "raw").exists()
