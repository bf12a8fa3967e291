"""The official weights of torchvision, by name and version: `ResNet18_Weights.IMAGENET1K_V1`.

Their addresses and the beginnings of their SHA-256 are those that torchvision itself goes by.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

from torch import Tensor

from stages.core.checking import nearest, shown
from stages.sourcing import checkpoints, fetching
from stages.sourcing.fetching import Remote


def fetch(folder: Path, *, weights: str) -> dict[str, Tensor]:
    """Download them.

    Raises:
        ValueError: `weights` are none of torchvision's.
        UserError: no place gives the file.
    """
    remote = _remote(weights)
    with fetching.downloads([remote], folder, source="weights") as (file,):
        return checkpoints.read(file)


def _remote(weights: str) -> Remote:
    from stages.core.vision import torchvision

    kind, _, version = weights.partition(".")
    known = {
        f"{versions.__name__}.{one.name}": one
        for model in torchvision.models.list_models(module=torchvision.models)
        for versions in [torchvision.models.get_model_weights(model)]
        for one in versions
    }
    if weights not in known:
        alike = [name for name in known if name.startswith(f"{kind}.")] if version else []
        raise ValueError(
            f"weights must be a name and version of torchvision's, got {shown(weights)}; "
            f"{nearest(weights, alike or known)}"
        )
    url = known[weights].url
    name = Path(urlsplit(url).path).name
    (digest,) = re.findall(r"-([0-9a-f]{8,})\.", name)
    return Remote(name, digest, (url,))
