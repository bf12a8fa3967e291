"""A model of the Hugging Face hub at a commit of its repository, and one in a folder: the files of either."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stages.core.checking import shown
from stages.core.errors import UserError
from stages.sourcing import fetching
from stages.sourcing.fetching import Remote

HUB = "https://huggingface.co"
SOURCE = "hub"  # as a mirror calls it

# Other files that weights or a tokenizer come in, and why they are not read.
_UNREAD = {
    "model.safetensors": {
        "*.safetensors.index.json": "of weights in several files, which are not read: "
        'save_pretrained(…, max_shard_size="100GB") writes one',
        "*.bin": "which may run what stands in it and is never read",
    },
    "tokenizer.json": {
        "vocab.txt": "which is not read: "
        "AutoTokenizer.from_pretrained(folder).save_pretrained(folder) writes the other",
    },
}


@dataclass(frozen=True, slots=True)
class Model:
    """A model of the hub: its name, `<owner>/<model>`, and a commit, whose files never change.

    Raises:
        ValueError: the hub has no such names, or the revision is a branch or a tag, which may move.
    """

    name: str
    revision: str

    def __post_init__(self) -> None:
        part = r"[A-Za-z0-9][\w.-]*"
        if not re.fullmatch(rf"{part}(/{part})?", self.name, re.ASCII):
            raise ValueError(f"name must be that of a model of the hub, owner/model, got {shown(self.name)}")
        if not re.fullmatch("[0-9a-f]{40}", self.revision):
            raise ValueError(f"revision must be the 40 hex digits of a commit, got {shown(self.revision)}")

    def remote(self, file: str, *, sha256: str = "") -> Remote:
        """One of its files; a mirror has it in the folders of its name and commit."""
        url = f"{HUB}/{self.name}/resolve/{self.revision}/{file}"
        return Remote(f"{self.name}/{self.revision}/{file}", sha256, (url,))


def files(model: Model | Path, folder: Path, names: Sequence[str], *, sha256: str = "") -> list[Path]:
    """Those files of a model: where they are if that is a folder, or downloaded to `folder`.

    Raises:
        ValueError: there is no such folder.
        UserError: one is not to be had.
    """
    if isinstance(model, Path):
        return [_inside(model, name) for name in names]
    remotes = [model.remote(name, sha256=sha256) for name in names]
    # A place for each: what a break left of the weights stands until they are asked for again.
    place = folder.with_name(Path(names[0]).stem)
    with fetching.downloads(remotes, place, source=SOURCE) as downloaded:
        return [file.rename(folder / file.name) for file in downloaded]


def _inside(folder: Path, name: str) -> Path:
    if not folder.is_dir():
        raise ValueError(f"path must be the folder of a model, got {shown(str(folder))}")
    if (file := folder / name).is_file():
        return file
    unread = [
        f" but {other.name}, {why}"
        for pattern, why in _UNREAD.get(name, {}).items()
        for other in sorted(folder.glob(pattern))
    ]
    raise UserError(f"{SOURCE}: {folder} must hold {name}, got none{''.join(unread[:1])}")
