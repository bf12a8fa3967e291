"""Sentence polarity: 10,662 sentences of film reviews, half of them positive.

Paper: Pang and Lee 2005, Seeing Stars, https://arxiv.org/abs/cs/0506075
"""

from pathlib import Path

from stages.sourcing import archives, fetching, texts
from stages.sourcing.examples import Examples
from stages.sourcing.fetching import Remote
from stages.sourcing.texts import encode

__all__ = ["encode", "fetch", "prepare"]

SOURCE = "rt_polarity"
FILES = {"negative": "rt-polarity.neg", "positive": "rt-polarity.pos"}
ARCHIVE = Remote(
    "rt-polaritydata.tar.gz",
    "a05befe52aafda71d458d188a1c54506a998b1308613ba76bbda2e5029409ce9",
    (
        "http://www.cs.cornell.edu/people/pabo/movie-review-data/rt-polaritydata.tar.gz",
        "https://storage.googleapis.com/seldon-datasets/sentence_polarity_v1/rt-polaritydata.tar.gz",
    ),
)
# What the archive holds, in UTF-8.
UNPACKED = (
    Remote(FILES["negative"], "2d11cfbc790f1cd96d78339f41ce53ced1efa83cd22d37d6788fa3fe3d17e2fd"),
    Remote(FILES["positive"], "4134882974a28d0c7b5151256f0e33a6169984ee7372c279e673f1114f475d58"),
)


def fetch(folder: Path) -> None:
    """Download the official archive, or from the mirror what it holds, and keep its sentences in UTF-8."""
    if fetching.mirrored(UNPACKED, source=SOURCE):
        with fetching.downloads(UNPACKED, folder, source=SOURCE) as paths:
            for path in paths:
                path.rename(folder / path.name)
        return
    with fetching.downloads([ARCHIVE], folder, source=SOURCE) as (path,):
        for name, content in archives.members(path, r".*/rt-polarity\.(neg|pos)"):
            (folder / Path(name).name).write_bytes(content.decode("windows-1252").encode("utf-8"))


def prepare(folder: Path) -> Examples:
    """Read them, the negative ones first."""
    lines = {
        label: (folder / name).read_text(encoding="utf-8").removesuffix("\n").split("\n")
        for label, name in FILES.items()
    }
    labels = [label for label, found in lines.items() for _ in found]
    return texts.classified([line for found in lines.values() for line in found], labels, given=SOURCE)
