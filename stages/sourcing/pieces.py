"""Words cut into pieces that a pre-trained network knows, by the tokenizer that it was trained with.

WordPiece: Wu et al. 2016 (arXiv 1609.08144). The file is the `tokenizer.json` of a model of the hub.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from stages.core import files
from stages.core.checking import Block, shown
from stages.core.errors import UserError
from stages.core.ranges import Digest
from stages.core.spec import PAD
from stages.sourcing import fetching, own, repository
from stages.sourcing.fetching import Remote
from stages.sourcing.repository import Model
from stages.sourcing.tokens import Lines, Table


class Tokenizer(Block):
    """A `tokenizer.json`, pinned: a path or an address and its digest, or a model of the hub and a commit."""

    file: str = ""
    sha256: Digest = ""
    name: str = ""
    revision: str = ""

    @model_validator(mode="after")
    def _rules(self) -> Self:
        if not (self.file or self.name):
            raise ValueError("file must be given, or name instead, of a model of the hub, got neither")
        if self.file and self.name:
            raise ValueError(f"name must not be given beside file, got {shown(self.name)}")
        if self.name:
            Model(self.name, self.revision)
        elif not self.sha256:
            raise ValueError("sha256 must be the 64 hex digits that go with file, got ''")
        key, beside = ("sha256", "name") if self.name else ("revision", "file")
        if value := getattr(self, key):
            raise ValueError(f"{key} must not be given beside {beside}, got {shown(value)}")
        return self


class Pieces:
    """The pieces of a tokenizer, which has a number for each of them."""

    def __init__(self, content: dict[str, Any]) -> None:
        from tokenizers import Tokenizer as Reader

        self._reader = Reader.from_str(json.dumps(content))
        self._reader.no_truncation()
        self._reader.no_padding()
        known = self._reader.get_vocab()
        self.vocabulary = tuple(sorted(known, key=known.__getitem__))
        around = np.array(self._reader.encode("").ids, np.int32)
        self._around = around[: len(around) // 2], around[len(around) // 2 :]
        self._unknown = known[content["model"]["unk_token"]]
        special = {token["id"] for token in content["added_tokens"] if token["special"]}
        bare = {**content, "model": {**content["model"], "vocab": {}}, "truncation": None, "padding": None}
        self.rules: dict[str, Any] = {
            "lower": bool((content["normalizer"] or {}).get("lowercase")),
            "punctuation": True,
            "words": "",
            "special": tuple(sorted(special | {PAD})),
            "tokenizer": bare,
        }

    def of(self, text: str) -> NDArray[np.int32]:
        """The numbers (T) of the pieces of a text."""
        return np.array(self._reader.encode(text, add_special_tokens=False).ids, np.int32)

    def table(self, lines: Lines, *, most: int, least: int) -> Table:
        """All that it knows, whatever stands in `lines`."""
        numbers = np.arange(len(self.vocabulary), dtype=np.int32)
        return Table(self.vocabulary, numbers, self._unknown, *self._around)


def read(tokenizer: Tokenizer) -> Pieces:
    """The pieces of a tokenizer, once its file is proved to be the one that is meant.

    Raises:
        ValueError: no file is at a path, or another.
        UserError: no place gives the file, or it holds no WordPiece tokenizer that fills up with 0.
    """
    source, remote = _remote(tokenizer)
    if remote:
        with (
            TemporaryDirectory() as folder,
            fetching.downloads([remote], Path(folder) / source, source=source) as (file,),
        ):
            return parse(file, title=tokenizer.file or f"{tokenizer.name}: {file.name}")
    path = Path(tokenizer.file)
    if not path.is_file():
        raise ValueError(
            f"tokenizer.file must be a tokenizer.json that is there, got {shown(tokenizer.file)}"
        )
    if (found := files.digest(path)) != tokenizer.sha256:
        raise ValueError(f"tokenizer.sha256 must be that of {path}, {found}, got {tokenizer.sha256}")
    return parse(path, title=str(path))


def _remote(tokenizer: Tokenizer) -> tuple[str, Remote | None]:
    """What a tokenizer that lies elsewhere is called in a mirror, and where it lies."""
    if tokenizer.name:
        return repository.SOURCE, Model(tokenizer.name, tokenizer.revision).remote("tokenizer.json")
    if tokenizer.file.startswith(("http://", "https://")):
        return "tokenizer", own.remote(tokenizer.file, tokenizer.sha256, key="tokenizer.file")
    return "", None


def parse(file: Path, *, title: str) -> Pieces:
    """The pieces in a tokenizer.json, which is called `title` where it is refused.

    Raises:
        UserError: it is none of WordPiece that fills up with 0.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        model, added = content["model"], content["added_tokens"]
        numbers = {*model["vocab"].values(), *(token["id"] for token in added)}
        fits = model["type"] == "WordPiece" and numbers == set(range(len(numbers)))
        known = model["unk_token"] in model["vocab"] and "normalizer" in content
        filler = [token["id"] for token in added if token["content"] == "[PAD]"]
        if fits and known and filler == [PAD]:
            return Pieces(content)
    except Exception as error:  # the library raises no narrower one for what it does not know
        told = " ".join(str(error).split())[:120]
        raise UserError(f"{title} must be a tokenizer.json as the hub has them: {told}") from error
    raise UserError(f"{title} must have WordPiece pieces, and [PAD] as number {PAD}")
