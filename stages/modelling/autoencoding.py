"""What autoencoders share: an encoder and a decoder, dense layers in both, and how they are shipped."""

from collections.abc import Callable
from itertools import pairwise

from torch import Tensor, nn

from stages.modelling import layers
from stages.modelling.layers import Activation
from stages.modelling.shipping import Shipped

_IMAGES = "standardised pixels (batch, channels, height, width)"


class Autoencoder(nn.Module):
    """An encoder of standardised images (B, C, H, W) to latents (B, Z), and a decoder of these to pixels."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    def encode(self, x: Tensor) -> Tensor:
        """Latents (B, Z) of standardised images (B, C, H, W)."""
        latent: Tensor = self.encoder(x)
        return latent

    def decode(self, latent: Tensor) -> Tensor:
        """Pixels in [0, 1] (B, C, H, W) of latents (B, Z)."""
        pixels: Tensor = self.decoder(latent)
        return pixels

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(self.encode(x))

    def shipped(self) -> dict[str, Shipped]:
        """The encoder and the decoder, a file each."""
        return {
            "encoder": encoder(self.encoder, {"latent": "latent (batch, width)"}),
            "decoder": decoder(self.decoder, self.encode, "latent (batch, width), as the encoder gives it"),
        }


def dense(widths: tuple[int, ...], act: Activation) -> nn.Sequential:
    """Linear layers from width to width, an activation behind each."""
    return nn.Sequential(
        *(nn.Sequential(nn.Linear(width, other), layers.activation(act)) for width, other in pairwise(widths))
    )


def encoder(part: nn.Module, outputs: dict[str, str]) -> Shipped:
    """An encoder as it is shipped; `outputs` says of each what it is."""
    said = "; ".join(outputs.values())
    return Shipped(
        part=part,
        inputs=("x",),
        outputs=tuple(outputs),
        given=lambda x: (x,),
        told={"input": _IMAGES, "output": said},
    )


def decoder(part: nn.Module, encode: Callable[[Tensor], Tensor], said: str) -> Shipped:
    """A decoder as it is shipped, held against what `encode` makes of images; `said` tells its input."""
    return Shipped(
        part=part,
        inputs=("latent",),
        outputs=("pixels",),
        given=lambda x: (encode(x),),
        told={"input": said, "output": "pixels in [0, 1], (batch, channels, height, width)"},
    )
