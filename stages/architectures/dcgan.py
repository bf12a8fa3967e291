"""Deep convolutional GAN (Radford, Metz and Chintala, 2015, arXiv 1511.06434): strides in place of pooling.

The paper's networks for 64x64 images double four times from 1,024 channels; small images here double twice.
"""

from math import prod
from typing import Literal

from torch import Tensor, nn
from torch.nn import functional as F

from stages.core.ranges import Count, Fraction
from stages.core.spec import Images
from stages.modelling.adversaries import SLOPE, Adversaries, Discriminator
from stages.modelling.layers import Pixels

Init = Literal["normal", "kaiming"]

# By which both networks shrink an image.
_STRIDE = 4
# Of the first weights, as the paper has it.
_DEVIATION = 0.02


class Cut(nn.Module):
    """The upper left (H, W) of maps (B, C, H', W')."""

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self._height, self._width = height, width

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, : self._height, : self._width]


class Padded(nn.Module):
    """Grey below and to the right, up to a size that halves twice: where the generator is cut."""

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        return F.pad(x, (0, -width % _STRIDE, 0, -height % _STRIDE))


def build(
    spec: Images,
    *,
    latent: Count = 64,
    channels: Count = 32,
    batch_norm: bool = True,
    dropout: Fraction = 0.0,
    init: Init = "normal",
) -> Adversaries:
    """A DCGAN for the images of `spec`: `channels` of the larger maps, and twice as many of the smaller.

    Both networks have the batch norm, but for what goes out of the generator and into the discriminator,
    which alone has the dropout. `init` is the paper's N(0, 0.02^2), which asks for batch norm where networks
    are small, or that of He et al. 2015 (arXiv 1502.01852).
    """
    depth, height, width = spec.shape
    small = (2 * channels, -(-height // _STRIDE), -(-width // _STRIDE))
    generator = nn.Sequential(
        *drawing(latent, small, depth, batch_norm), Cut(height, width), Pixels(steepness=2)
    )
    features = nn.Sequential(
        Padded(),
        lowering(depth, channels, batch_norm=False, dropout=dropout),  # (B, C, H, W) -> (B, D, H/2, W/2)
        lowering(channels, 2 * channels, batch_norm=batch_norm, dropout=dropout),
        nn.Flatten(),
    )
    model = Adversaries(generator, Discriminator(features, prod(small)), latent)
    initialise(model.generator, init, slope=0)
    initialise(model.discriminator, init, slope=SLOPE)
    return model


def drawing(latent: int, small: tuple[int, int, int], depth: int, batch_norm: bool) -> list[nn.Module]:
    """The generator's layers, from noise through maps of the shape `small` to maps of an image's channels."""
    channels, biased = small[0] // 2, not batch_norm
    return [
        nn.Linear(latent, prod(small), bias=biased),
        nn.Unflatten(1, small),  # (B, Z) -> (B, 2D, H/4, W/4)
        *normed(2 * channels, batch_norm),
        nn.ReLU(),
        nn.ConvTranspose2d(2 * channels, channels, 4, stride=2, padding=1, bias=biased),
        *normed(channels, batch_norm),
        nn.ReLU(),
        nn.ConvTranspose2d(channels, depth, 4, stride=2, padding=1),  # (B, D, H/2, W/2) -> (B, C, H, W)
    ]


def normed(channels: int, batch_norm: bool) -> list[nn.Module]:
    """Batch norm of maps, if any."""
    return [nn.BatchNorm2d(channels)] if batch_norm else []


def lowering(width: int, wider: int, *, batch_norm: bool, dropout: float) -> nn.Sequential:
    """A convolution that halves the size, and what follows it in the discriminator."""
    return nn.Sequential(
        nn.Conv2d(width, wider, 4, stride=2, padding=1, bias=not batch_norm),
        *normed(wider, batch_norm),
        nn.LeakyReLU(SLOPE),
        nn.Dropout(dropout),
    )


def initialise(part: nn.Module, init: Init, *, slope: float) -> None:
    """Draw the weights of every layer; biases start at zero, activations have that `slope` below it."""
    for layer in part.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            if init == "normal":
                nn.init.normal_(layer.weight, std=_DEVIATION)
            else:
                nn.init.kaiming_normal_(layer.weight, a=slope)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
