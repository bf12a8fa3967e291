"""Generative adversarial network (Goodfellow et al. 2014, arXiv 1406.2661), both of its networks dense.

On 28x28 images the default is a generator 64-128-256-784 and a discriminator 784-256-128-1.
"""

from itertools import pairwise
from math import prod

from torch import nn

from stages.core.ranges import Count, Fraction
from stages.core.spec import Images
from stages.modelling import layers
from stages.modelling.adversaries import SLOPE, Adversaries, Discriminator
from stages.modelling.layers import Init, Pixels


def build(
    spec: Images,
    *,
    latent: Count = 64,
    widths: tuple[Count, ...] = (128, 256),
    batch_norm: bool = False,
    dropout: Fraction = 0.0,
    init: Init = "kaiming",
) -> Adversaries:
    """A GAN for the images of `spec`.

    `widths` are those of the generator, which alone has the batch norm; the discriminator goes them back,
    and alone has the dropout.
    """
    up, down = (latent, *widths), (prod(spec.shape), *reversed(widths))
    generator = nn.Sequential(
        *(raising(width, wider, batch_norm=batch_norm) for width, wider in pairwise(up)),
        nn.Linear(up[-1], down[0]),
        nn.Unflatten(1, spec.shape),  # (B, D) -> (B, C, H, W)
        Pixels(steepness=2),
    )
    features = nn.Sequential(
        nn.Flatten(),  # (B, C, H, W) -> (B, D)
        *(lowering(width, narrower, dropout=dropout) for width, narrower in pairwise(down)),
    )
    model = Adversaries(generator, Discriminator(features, down[-1]), latent)
    layers.initialise(model, init, slope=SLOPE)
    return model


def raising(width: int, wider: int, *, batch_norm: bool) -> nn.Sequential:
    """A layer of the generator."""
    return nn.Sequential(
        nn.Linear(width, wider, bias=not batch_norm),
        *([nn.BatchNorm1d(wider)] if batch_norm else []),
        nn.LeakyReLU(SLOPE),
    )


def lowering(width: int, narrower: int, *, dropout: float) -> nn.Sequential:
    """A layer of the discriminator."""
    return nn.Sequential(nn.Linear(width, narrower), nn.LeakyReLU(SLOPE), nn.Dropout(dropout))
