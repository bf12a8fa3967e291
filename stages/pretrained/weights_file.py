"""Weights in a file of your own, or at an address: a state dict of `torch.save`, or safetensors."""

from pathlib import Path

from stages.core.adopted import Adopted
from stages.core.ranges import Digest
from stages.sourcing import checkpoints, own


def fetch(folder: Path, *, path: str = "", url: str = "", sha256: Digest = "") -> Adopted:
    """The tensors of the file at `path`, or of that at `url`, by the names that they have there."""
    own.fetch(folder, path=path, url=url, sha256=sha256, source="weights")
    return Adopted(checkpoints.read(own.only_file(folder)))
