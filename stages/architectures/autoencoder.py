"""Dense autoencoder (Hinton and Salakhutdinov, 2006): images through a bottleneck and back.

On 28x28 images the default is 784-128-64-32-64-128-784.
"""

from math import prod

from torch import nn

from stages.core.ranges import Count
from stages.core.spec import Images
from stages.modelling import layers
from stages.modelling.autoencoding import Autoencoder, dense
from stages.modelling.layers import Activation, Init, Pixels


def build(
    spec: Images,
    *,
    widths: tuple[Count, ...] = (128, 64),
    latent: Count = 32,
    activation: Activation = "relu",
    init: Init = "kaiming",
) -> Autoencoder:
    """A dense autoencoder for the images of `spec`; without `widths` a linear map each way."""
    down = (prod(spec.shape), *widths)
    up = (latent, *reversed(widths))
    # (B, C, H, W) -> (B, Z)
    encoder = nn.Sequential(nn.Flatten(), dense(down, activation), nn.Linear(down[-1], latent))
    decoder = nn.Sequential(  # (B, Z) -> (B, C, H, W)
        dense(up, activation),
        nn.Linear(up[-1], down[0]),
        nn.Unflatten(1, spec.shape),
        Pixels(),
    )
    model = Autoencoder(encoder, decoder)
    layers.initialise(model, init, slope=layers.slope_of(activation))
    return model
