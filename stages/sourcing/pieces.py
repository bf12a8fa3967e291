"""Words cut into pieces that a pre-trained network knows, by the tokenizer that it was trained with.

WordPiece: Wu et al. 2016 (arXiv 1609.08144). The file is the `tokenizer.json` of a model of the hub.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from stages.core import files
from stages.core.checking import Block, shown
from stages.core.errors import UserError
from stages.core.spec import PAD
from stages.sourcing import fetching
from stages.sourcing.fetching import Remote
from stages.sourcing.tokens import Lines, Table


class Tokenizer(Block):
    """A `tokenizer.json`: its path or address, and the digest that pins it, whoever hands it out."""

    file: str
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Pieces:
    """The pieces of a tokenizer, which has a number for each of them."""

    def __init__(self, content: dict[str, Any]) -> None:
        from tokenizers import Tokenizer as Reader

        self._reader = Reader.from_str(json.dumps(content))
        self._reader.no_truncation()
        self._reader.no_padding()
        known = self._reader.get_vocab()
        self._vocabulary = tuple(sorted(known, key=known.__getitem__))
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
        numbers = np.arange(len(self._vocabulary), dtype=np.int32)
        return Table(self._vocabulary, numbers, self._unknown, *self._around)


def read(tokenizer: Tokenizer) -> Pieces:
    """The pieces of a tokenizer, once its file is proved to be the one that is meant.

    Raises:
        ValueError: it is another, or no WordPiece tokenizer that fills up with 0.
        UserError: no place gives the file.
    """
    if tokenizer.file.startswith(("http://", "https://")):
        remote = Remote(Path(tokenizer.file).name, tokenizer.sha256, (tokenizer.file,))
        with (
            TemporaryDirectory() as folder,
            fetching.downloads([remote], Path(folder) / "tokenizer", source="tokenizer") as (file,),
        ):
            return _read(file)
    path = Path(tokenizer.file)
    if not path.is_file():
        raise UserError(f"tokenizer.file must be a tokenizer.json that is there, got {shown(tokenizer.file)}")
    if (found := files.digest(path)) != tokenizer.sha256:
        raise ValueError(f"tokenizer.sha256 must be that of {path}, {found}, got {tokenizer.sha256}")
    return _read(path)


def _read(path: Path) -> Pieces:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        model, added = content["model"], content["added_tokens"]
        numbers = {*model["vocab"].values(), *(token["id"] for token in added)}
        fits = model["type"] == "WordPiece" and numbers == set(range(len(numbers)))
        known = model["unk_token"] in model["vocab"] and "normalizer" in content
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"tokenizer.file must be a tokenizer.json of the hub, got {path}") from None
    filler = [token["id"] for token in added if token["content"] == "[PAD]"]
    if not (fits and known) or filler != [PAD]:
        raise ValueError(f"tokenizer.file must have WordPiece pieces, and [PAD] as number {PAD}, got {path}")
    return Pieces(content)
