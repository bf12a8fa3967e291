"""Multi-layer perceptron (Rumelhart, Hinton and Williams, 1986): linear layers with a bend between them.

On 28x28 images the default is the textbook's 784-128-64-10.
"""

from itertools import pairwise
from math import prod

from torch import Tensor, nn

from stages.core.ranges import Count, Fraction
from stages.core.spec import Images
from stages.modelling import layers
from stages.modelling.layers import Activation, Init


class MLP(nn.Module):
    """Hidden layers of any widths, then a linear head."""

    def __init__(
        self, widths: tuple[int, ...], classes: int, *, act: Activation, dropout: float, batch_norm: bool
    ) -> None:
        super().__init__()
        self.hidden = nn.Sequential(
            *(
                nn.Sequential(
                    nn.Linear(width, wider, bias=not batch_norm),
                    *([nn.BatchNorm1d(wider)] if batch_norm else []),
                    layers.activation(act),
                    nn.Dropout(dropout),
                )
                for width, wider in pairwise(widths)
            )
        )
        self.head = nn.Linear(widths[-1], classes)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.hidden(x.flatten(1))  # (B, C, H, W) -> (B, D)
        logits: Tensor = self.head(hidden)  # (B, D) -> (B, K)
        return logits


def build(
    spec: Images,
    *,
    widths: tuple[Count, ...] = (128, 64),
    activation: Activation = "relu",
    dropout: Fraction = 0.0,
    batch_norm: bool = False,
    init: Init = "kaiming",
) -> MLP:
    """An MLP for the inputs and classes of `spec`."""
    sizes = (prod(spec.shape), *widths)
    model = MLP(sizes, len(spec.classes), act=activation, dropout=dropout, batch_norm=batch_norm)
    layers.initialise(model, init, slope=layers.slope_of(activation))
    return model
