"""The official weights of torchvision, by name and version: `ResNet18_Weights.IMAGENET1K_V1`.

Their addresses and the beginnings of their SHA-256 are those that torchvision itself goes by. It reads them,
too: some tensors are called otherwise since they were published.
"""

import re
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import torch

from stages.core.adopted import Adopted, Origin
from stages.core.checking import nearest, shown
from stages.core.vision import torchvision
from stages.sourcing import checkpoints, fetching
from stages.sourcing.fetching import Remote


class _Official(NamedTuple):
    """Weights, and the network that they are of."""

    network: str
    weights: Any


def fetch(folder: Path, *, weights: str) -> Adopted:
    """Download them; the tensors are called as in the network of today.

    Their origin names the network, and them: the size and scale of images that they were trained on.

    Raises:
        ValueError: `weights` are none of torchvision's.
        UserError: no place gives the file, or it holds anything beside tensors.
    """
    official = _official(weights)
    url = official.weights.url
    name = Path(urlsplit(url).path).name
    (digest,) = re.findall(r"-([0-9a-f]{8,})\.", name)
    with fetching.downloads([Remote(name, digest, (url,))], folder, source="weights") as (file,):
        checkpoints.read(file)  # nothing but tensors: what torchvision reads it with would run the rest
        place = folder / "checkpoints" / name  # where it looks before it would download
        place.parent.mkdir()
        file.rename(place)
    before = torch.hub.get_dir()
    torch.hub.set_dir(folder)
    try:
        network = torchvision.models.get_model(official.network, weights=official.weights, progress=False)
    finally:
        torch.hub.set_dir(before)
    hyper = {"name": official.network, "preset": weights}
    return Adopted(network.state_dict(), Origin(architecture="torchvision_backbone", hyper=hyper))


def _official(name: str) -> _Official:
    models = torchvision.models
    known = {
        f"{versions.__name__}.{one.name}": _Official(network, one)
        for network in models.list_models(module=models)
        for versions in [models.get_model_weights(network)]
        for one in versions
    }
    if name in known:
        return known[name]
    alike = [other for other in known if other.startswith(f"{name.partition('.')[0]}.")]
    told = f"got {shown(name)}; {nearest(name, alike or known)}"
    raise ValueError(f"weights must be a name and version of torchvision's, {told}")
