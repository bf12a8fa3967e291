"""A BERT of the Hugging Face hub, by its name and a commit, or in a folder as `save_pretrained` leaves it.

Its files config.json, tokenizer.json and model.safetensors are read; none of them can run anything.
"""

from pathlib import Path

from stages.core import masking
from stages.core.adopted import Adopted, Origin
from stages.core.checking import shown
from stages.core.errors import UserError
from stages.core.ranges import Digest
from stages.sourcing import encoders, pieces, repository
from stages.sourcing.repository import Model


def fetch(
    folder: Path, *, path: str = "", name: str = "", revision: str = "", sha256: Digest = ""
) -> Adopted:
    """Its encoder, with the sizes and the pieces of words that it was trained with.

    Args:
        path: the folder, where it is one of your own.
        sha256: of model.safetensors on the hub; "" takes the word of the hub for it.

    Raises:
        ValueError: it is neither in a folder nor on the hub, or both, or not pinned.
        UserError: a file is not to be had, or is not that of a BERT as it is built here.
    """
    model = _model(path, name=name, revision=revision, sha256=sha256)
    title = path or name
    # What is small first: who is refused has not waited for the weights.
    said, tokenizer = repository.files(model, folder, ["config.json", "tokenizer.json"])
    config = encoders.read(said, title=title)
    vocabulary = pieces.parse(tokenizer, title=f"{title}: {tokenizer.name}").vocabulary
    if masking.MASK not in vocabulary:
        raise UserError(f"{title}: {tokenizer.name} must have the piece {masking.MASK}, got none")
    (weights,) = repository.files(model, folder, ["model.safetensors"], sha256=sha256)
    tensors = encoders.tensors(weights, config, words=len(vocabulary), title=title)
    return Adopted(tensors, Origin(architecture="bert", hyper=config.hyper, vocabulary=vocabulary))


def _model(path: str, **pinned: str) -> Model | Path:
    if not path:
        return Model(pinned["name"], pinned["revision"])
    for key, value in pinned.items():
        if value:
            raise ValueError(f"{key} must not be given beside path ({shown(path)}), got {shown(value)}")
    return Path(path)
