"""Convolutional network after LeNet (LeCun et al., 1998): convolutions and pooling, then dense layers.

By default three convolutions 32-64-128 and a hidden layer of 512.
"""

from math import prod

from torch import Tensor, nn

from stages.core.ranges import Count, Fraction
from stages.core.spec import Images
from stages.modelling import layers
from stages.modelling.layers import Activation, Init, Pooling


class CNN(nn.Module):
    """A chain of convolutions, flattened into a dense classifier."""

    def __init__(self, features: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.features = features
        self.head = head

    def forward(self, x: Tensor) -> Tensor:
        maps = self.features(x)  # (B, C, H, W) -> (B, D, H', W')
        logits: Tensor = self.head(maps.flatten(1))  # (B, D, H', W') -> (B, K)
        return logits


def build(
    spec: Images,
    *,
    channels: tuple[Count, ...] = (32, 64, 128),
    hidden: Count = 512,
    activation: Activation = "relu",
    pooling: Pooling = "max",
    dropout: Fraction = 0.0,
    batch_norm: bool = False,
    init: Init = "kaiming",
) -> CNN:
    """A CNN for the images and classes of `spec`."""
    features, shape = layers.convs(
        spec.shape, channels, act=activation, pooling=pooling, batch_norm=batch_norm
    )
    head = nn.Sequential(
        nn.Linear(prod(shape), hidden),
        layers.activation(activation),
        nn.Dropout(dropout),
        nn.Linear(hidden, len(spec.classes)),
    )
    model = CNN(features, head)
    layers.initialise(model, init, slope=layers.slope_of(activation))
    return model
