"""CIFAR-10: 60,000 colour photographs, 32x32, of ten things, 10,000 of them the official test split.

Paper: Krizhevsky 2009, https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf
"""

import tarfile
from pathlib import Path
from typing import Any

import numpy as np

from stages.core.vision import torchvision
from stages.sourcing import fetching
from stages.sourcing.examples import Examples, Labelled
from stages.sourcing.fetching import Remote
from stages.sourcing.images import encode

__all__ = ["encode", "fetch", "prepare"]

SOURCE = "cifar10"


def fetch(folder: Path) -> None:
    """Download the official archive, or from the mirror what it holds, and keep what torchvision reads."""
    kind = torchvision.datasets.CIFAR10
    listed = [*kind.train_list, *kind.test_list, (kind.meta["filename"], kind.meta["md5"])]
    batches = [Remote(f"{kind.base_folder}/{file}", md5) for file, md5 in listed]
    archive = Remote(kind.filename, kind.tgz_md5, (kind.url,))
    if fetching.mirrored(batches, source=SOURCE):
        with fetching.downloads(batches, folder, source=SOURCE) as paths:
            (folder / kind.base_folder).mkdir()
            for path in paths:
                path.rename(folder / kind.base_folder / path.name)
        return
    with fetching.downloads([archive], folder, source=SOURCE) as (path,), tarfile.open(path) as packed:
        for batch in batches:
            packed.extract(batch.name, folder, filter="data")


def prepare(folder: Path) -> Examples:
    """Read them: torchvision unpickles the batches once it has verified their checksums."""
    kind = torchvision.datasets.CIFAR10
    train, test = (kind(folder, train=train) for train in (True, False))
    return Examples(classes=tuple(train.classes), train=_labelled(train), test=_labelled(test))


def _labelled(read: Any) -> Labelled:
    return Labelled(read.data.transpose(0, 3, 1, 2), np.array(read.targets, dtype=np.int64))
