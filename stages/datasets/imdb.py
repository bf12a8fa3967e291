"""IMDB: 50,000 film reviews, half of them positive, 25,000 of them the official test split.

Paper: Maas et al. 2011, https://aclanthology.org/P11-1015
"""

from pathlib import Path

from stages.sourcing import archives, fetching, texts
from stages.sourcing.examples import Examples, Labelled
from stages.sourcing.fetching import Remote
from stages.sourcing.texts import encode

__all__ = ["encode", "fetch", "prepare"]

SOURCE = "imdb"
_STEPS = ["text = text.replace('<br />', ' ').strip()"]
CLASSES = ("neg", "pos")
ARCHIVE = Remote(
    "aclImdb_v1.tar.gz",
    "7c2ac02c03563afcf9b574c7e56c153a",
    ("https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",),
)
# The labelled reviews of the archive, as tables: file, rating, label, text.
TABLES = (
    Remote("imdb_train.csv.xz", "febdcec3ba593e49e0e9457114ba919502f34c90f1e8179faa9deeaadfbe1d98"),
    Remote("imdb_test.csv.xz", "3d79169f901462eec4f7d18bb7558f16c39007707e1bb38e2f5662063fc94e63"),
)


def fetch(folder: Path) -> None:
    """Download the official archive, or from the mirror its reviews as tables; both stay packed."""
    remotes = TABLES if fetching.mirrored(TABLES, source=SOURCE) else (ARCHIVE,)
    with fetching.downloads(remotes, folder, source=SOURCE) as paths:
        for path in paths:
            path.rename(folder / path.name)


def prepare(folder: Path) -> Examples:
    """Read them in the order of their file names, line breaks in HTML as spaces."""
    archive = folder / ARCHIVE.name
    reviews = _archived(archive) if archive.exists() else _tabled(folder)
    train, test = (
        _labelled({name: text for name, text in sorted(reviews.items()) if name.startswith(split)})
        for split in ("train/", "test/")
    )
    return Examples(CLASSES, train, test, reading={"steps": _STEPS})


def _archived(archive: Path) -> dict[str, str]:
    """File name -> review."""
    files = archives.members(archive, r"aclImdb/(train|test)/(neg|pos)/\d+_\d+\.txt")
    return {name.removeprefix("aclImdb/"): content.decode("utf-8") for name, content in files}


def _tabled(folder: Path) -> dict[str, str]:
    """File name -> review."""
    import pandas as pd

    paths = [folder / remote.name for remote in TABLES]
    table = pd.concat([pd.read_csv(path, dtype=str, keep_default_na=False) for path in paths])
    return dict(zip(table["file"], table["text"], strict=True))


def _labelled(reviews: dict[str, str]) -> Labelled:
    """Reviews, labelled by the folder of their files: train/neg/0_3.txt."""
    plain = [text.replace("<br />", " ").strip() for text in reviews.values()]
    return texts.labelled(plain, [name.split("/")[1] for name in reviews], CLASSES)
