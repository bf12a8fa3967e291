"""A classifier of torchvision with a head of its own for the classes at hand.

`name` is any that torchvision lists: resnet18, efficientnet_b0, vit_b_16, convnext_tiny, … Its last layer is
taken off; what it then says of an image describes it, and a linear head answers, which begins at zero as
Kolesnikov et al. 2019 (BiT, arXiv 1912.11370) do it. The other weights start at random; `start` gives them
those of another run or of a block of `pretrained`. Images come in the size and scale that torchvision notes
down beside its weights: those of `preset`, which weights of torchvision bring themselves.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from stages.core.checking import nearest, shown
from stages.core.ranges import Fraction, Size
from stages.core.spec import Images


class Adapt(nn.Module):
    """Standardised images (B, C, H, W) in the size, scale and three channels of ImageNet."""

    scale: Tensor
    shift: Tensor

    def __init__(self, spec: Images, side: int, *, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.size = None if spec.shape[1:] == (side, side) else (side, side)
        ours, spread = (torch.tensor(values)[:, None, None] for values in (spec.mean, spec.std))
        # (x * spread + ours - mean) / std, in one multiplication
        self.register_buffer("scale", spread / std, persistent=False)
        self.register_buffer("shift", (ours - mean) / std, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        images = x * self.scale + self.shift  # (B, C, H, W) -> (B, 3, H, W)
        if self.size is None:
            return images
        return F.interpolate(images, self.size, mode="bilinear", align_corners=False)


class Backbone(nn.Module):
    """A network of torchvision without its last layer, and a linear head."""

    def __init__(
        self, adapt: Adapt, backbone: nn.Module, width: int, classes: int, *, dropout: float
    ) -> None:
        super().__init__()
        self.adapt = adapt
        self.backbone = backbone
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(width, classes))
        # Features can be large: a head drawn at random says more of them than few examples ever correct.
        for parameter in self.head.parameters():
            nn.init.zeros_(parameter)

    def features(self, x: Tensor) -> Tensor:
        """Images (B, C, H, W) -> features (B, D)."""
        described: Tensor = self.backbone(self.adapt(x))
        return described

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(x))  # (B, D) -> (B, K)
        return logits


def build(spec: Images, *, name: str, preset: str = "", side: Size = 0, dropout: Fraction = 0.0) -> Backbone:
    """The network `name` for the images and classes of `spec`.

    Args:
        preset: the weights, as `ResNet18_Weights.IMAGENET1K_V1`, whose size and scale images are brought to;
            "" are the ones that torchvision itself prefers, from scratch and from a file as well.
        side: what images are scaled to, in pixels; 0 is what the weights of `preset` were trained on.
        dropout: before the head.

    Raises:
        ValueError: torchvision has no such classifier or weights of it, or none for images of that size.
    """
    from stages.core.vision import torchvision

    models = torchvision.models
    known = models.list_models(module=models)
    if name not in known:
        raise ValueError(
            f"name must be a classifier of torchvision, got {shown(name)}; {nearest(name, known)}"
        )
    trained = _weights(models, name, preset).transforms()
    mean, std = (torch.tensor(values)[:, None, None] for values in (trained.mean, trained.std))
    pixels = side or trained.crop_size[0]
    backbone, width = _headless(_network(models, name, pixels))
    adapt = Adapt(spec, pixels, mean=mean, std=std)
    model = Backbone(adapt, backbone, width, len(spec.classes), dropout=dropout)
    if side:
        _check_side(model, spec, side)
    return model


def _weights(models: Any, name: str, preset: str) -> Any:
    versions = models.get_model_weights(name)
    known = {str(one): one for one in versions}
    if preset and preset not in known:
        raise ValueError(f"preset must be weights of {name}, got {shown(preset)}; {nearest(preset, known)}")
    return known[preset] if preset else versions.DEFAULT


def _network(models: Any, name: str, side: int) -> nn.Module:
    try:
        network: nn.Module = models.get_model(name, **_arguments(name, side))
    except (AssertionError, ValueError) as error:
        raise _refused(side, error) from error
    return network


def _arguments(name: str, side: int) -> dict[str, Any]:
    """What torchvision builds a network with that its name alone does not say."""
    match name.split("_")[0]:
        case "vit":
            return {"image_size": side}
        case "maxvit":
            return {"input_size": (side, side)}
        case "googlenet" | "inception":
            # One output in training too, as of all others; images scaled within, as for its trained weights.
            return {"aux_logits": False, "transform_input": True, "init_weights": True}
    return {}


def _headless(network: nn.Module) -> tuple[nn.Module, int]:
    """The network without its last layer, and how many numbers that took."""
    last, layer = [
        (name, layer) for name, layer in network.named_modules() if isinstance(layer, nn.Linear | nn.Conv2d)
    ][-1]
    network.set_submodule(last, nn.Identity())
    width: Any = layer.in_features if isinstance(layer, nn.Linear) else layer.in_channels
    return network, width


@torch.no_grad()
def _check_side(model: nn.Module, spec: Images, side: int) -> None:
    try:
        model.eval()(torch.zeros(1, *spec.shape))
    except (RuntimeError, AssertionError) as error:
        raise _refused(side, error) from error
    finally:
        model.train()


def _refused(side: int, error: Exception) -> ValueError:
    told = " ".join(str(error).split())
    return ValueError(f"side must be one that the network takes, got {side}: {told}")
