"""MNIST and the data sets that took over its form: four packed idx files, read by a class of torchvision."""

import gzip
import shutil
from pathlib import Path

from stages.core.vision import torchvision
from stages.sourcing import fetching
from stages.sourcing.examples import Examples, Labelled
from stages.sourcing.fetching import Remote


def fetch(name: str, folder: Path, *, source: str) -> None:
    """Fill `folder` as the torchvision class of that name reads it; addresses and checksums are its own."""
    kind = getattr(torchvision.datasets, name)
    remotes = [Remote(file, md5, tuple(m + file for m in kind.mirrors)) for file, md5 in kind.resources]
    place = folder / name / "raw"
    with fetching.downloads(remotes, folder, source=source) as packed:
        place.mkdir(parents=True)
        for path in packed:
            with gzip.open(path) as content, (place / path.stem).open("wb") as file:
                shutil.copyfileobj(content, file)


def prepare(name: str, folder: Path) -> Examples:
    """The examples of the torchvision class of that name, with its official test split."""
    kind = getattr(torchvision.datasets, name)
    train, test = (kind(folder, train=train) for train in (True, False))
    return Examples(
        classes=tuple(kind.classes),
        train=Labelled(train.data[:, None].numpy(), train.targets.numpy()),
        test=Labelled(test.data[:, None].numpy(), test.targets.numpy()),
    )
