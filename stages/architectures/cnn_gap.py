"""Convolutions with global average pooling (Lin, Chen and Yan, 2013, arXiv 1312.4400).

The mean over all places replaces the dense layers: few weights, any image size. By default four
convolutions 64-128-256-512, as used on CIFAR-10.
"""

from torch import Tensor, nn

from stages.core.ranges import Count, Fraction
from stages.core.spec import Images
from stages.modelling import layers
from stages.modelling.layers import Activation, Init, Pooling


class GlobalAverageCNN(nn.Module):
    """A chain of convolutions, averaged over all places, and a linear head."""

    def __init__(self, features: nn.Module, width: int, classes: int, *, dropout: float) -> None:
        super().__init__()
        self.features = features
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        maps = self.features(x)  # (B, C, H, W) -> (B, D, H', W')
        pooled = maps.mean(dim=(2, 3))  # (B, D, H', W') -> (B, D)
        logits: Tensor = self.head(self.dropout(pooled))  # (B, D) -> (B, K)
        return logits


def build(
    spec: Images,
    *,
    channels: tuple[Count, ...] = (64, 128, 256, 512),
    activation: Activation = "relu",
    pooling: Pooling = "max",
    dropout: Fraction = 0.0,
    batch_norm: bool = False,
    init: Init = "kaiming",
) -> GlobalAverageCNN:
    """A CNN with global average pooling for the images and classes of `spec`."""
    features, (width, _, _) = layers.convs(
        spec.shape, channels, act=activation, pooling=pooling, batch_norm=batch_norm
    )
    model = GlobalAverageCNN(features, width, len(spec.classes), dropout=dropout)
    layers.initialise(model, init, slope=layers.slope_of(activation))
    return model
