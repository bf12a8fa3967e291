"""Convolutional autoencoder (Masci et al., 2011): convolutions and poolings, a dense bottleneck, and back.

The way back is by transposed convolutions; each gives the size that one pooling took, odd ones too.
"""

from itertools import pairwise
from math import prod

import torch
from torch import nn

from stages.core.ranges import Count
from stages.core.spec import Images
from stages.modelling import layers
from stages.modelling.autoencoding import Autoencoder
from stages.modelling.layers import Activation, Init, Pixels, Pooling

Shape = tuple[int, ...]


def build(
    spec: Images,
    *,
    channels: tuple[Count, ...] = (16, 8),
    latent: Count = 32,
    activation: Activation = "relu",
    pooling: Pooling = "max",
    batch_norm: bool = False,
    init: Init = "kaiming",
) -> Autoencoder:
    """A convolutional autoencoder for the images of `spec`."""
    if not channels:
        raise ValueError("channels must hold at least one number, got none")
    chain, shapes = there(spec.shape, channels, act=activation, pooling=pooling, batch_norm=batch_norm)
    size = prod(shapes[-1])
    encoder = nn.Sequential(chain, nn.Flatten(), nn.Linear(size, latent))  # (B, C, H, W) -> (B, Z)
    decoder = nn.Sequential(  # (B, Z) -> (B, C, H, W)
        nn.Linear(latent, size),
        layers.activation(activation),
        nn.Unflatten(1, shapes[-1]),
        back(shapes[::-1], act=activation, batch_norm=batch_norm),
        Pixels(),
    )
    model = Autoencoder(encoder, decoder)
    layers.initialise(model, init, slope=layers.slope_of(activation))
    for layer in model.modules():
        if isinstance(layer, nn.ConvTranspose2d):
            draw(layer, init, activation)
    return model


def there(
    shape: Shape, channels: tuple[int, ...], *, act: Activation, pooling: Pooling, batch_norm: bool
) -> tuple[nn.Sequential, list[Shape]]:
    """The links of `layers.convs`, and the shapes (C, H, W) before each and behind the last."""
    chain, shapes = nn.Sequential(), [shape]
    for wider in channels:
        link, shape = layers.convs(shape, (wider,), act=act, pooling=pooling, batch_norm=batch_norm)
        chain.append(link)
        shapes.append(shape)
    return chain, shapes


def back(shapes: list[Shape], *, act: Activation, batch_norm: bool) -> nn.Sequential:
    """From maps of the first of `shapes` (C, H, W) through the others to logits of the last, an image's."""
    depths = [shape[0] for shape in shapes[:-1]]
    # The last link keeps its channels: a convolution that sees all the neighbours of a pixel mixes them.
    changes = pairwise([*depths, depths[-1]])
    chain = nn.Sequential()
    for (small, large), (depth, wider) in zip(pairwise(shapes), changes, strict=True):
        if small[1:] == large[1:]:
            chain.append(layers.conv(depth, wider, act=act, pooling=None, batch_norm=batch_norm))
        else:
            chain.append(unpooling(small, large, (depth, wider), act=act, batch_norm=batch_norm))
    return chain.append(nn.Conv2d(depths[-1], shapes[-1][0], 3, padding=1))


def unpooling(
    small: Shape, large: Shape, change: tuple[int, int], *, act: Activation, batch_norm: bool
) -> nn.Sequential:
    """A transposed convolution that doubles a size, or doubles it and adds one, and an activation.

    Its kernel is two strides wide: every pixel is made of as many taps, so that no grid shows.
    """
    odd = (large[1] - 2 * small[1], large[2] - 2 * small[2])
    return nn.Sequential(
        nn.ConvTranspose2d(*change, 4, stride=2, padding=1, output_padding=odd, bias=not batch_norm),
        *([nn.BatchNorm2d(change[1])] if batch_norm else []),
        layers.activation(act),
    )


@torch.no_grad()
def draw(up: nn.ConvTranspose2d, init: Init, act: Activation) -> None:
    """Draw the weights of a transposed convolution by the taps that each of its pixels is made of.

    Of kernel 4 and stride 2 it is four convolutions of kernel 2 side by side, and is drawn as these.
    """
    same = nn.Conv2d(up.in_channels, 4 * up.out_channels, 2)
    layers.initialise(same, init, slope=layers.slope_of(act))
    up.weight.copy_(same.weight.reshape(up.out_channels, up.in_channels, 4, 4).transpose(0, 1))
    if up.bias is not None:
        up.bias.zero_()
