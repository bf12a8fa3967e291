"""The words architectures share: activations, first weights, a convolution with what follows it, pixels."""

from typing import Literal

from torch import Tensor, nn

Activation = Literal["relu", "leaky_relu", "sigmoid", "tanh", "gelu"]
Pooling = Literal["max", "avg"]
Init = Literal["xavier", "kaiming"]

_ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "gelu": nn.GELU,
}
_POOLINGS: dict[str, type[nn.Module]] = {"max": nn.MaxPool2d, "avg": nn.AvgPool2d}


class Pixels(nn.Module):
    """Numbers as pixels in [0, 1], in full precision: below 1, bfloat16 knows nothing above 0.996.

    They are logits at `steepness` 1; 2 is tanh, shifted from [-1, 1].
    """

    def __init__(self, steepness: float = 1.0) -> None:
        super().__init__()
        self._steepness = steepness

    def forward(self, x: Tensor) -> Tensor:
        return (self._steepness * x.float()).sigmoid()


def activation(name: Activation) -> nn.Module:
    """The activation of that name."""
    return _ACTIVATIONS[name]()


def conv(
    channels_in: int, channels_out: int, *, act: Activation, pooling: Pooling | None, batch_norm: bool
) -> nn.Sequential:
    """A 3x3 convolution that keeps the size, a pooling that halves it, an activation.

    Pooling goes first: the largest of rising activations is the activation of the largest, and
    there are four times fewer of them to compute.
    """
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=not batch_norm),
        *([nn.BatchNorm2d(channels_out)] if batch_norm else []),
        *([_POOLINGS[pooling](2)] if pooling else []),
        activation(act),
    )


def convs(
    shape: tuple[int, ...],
    channels: tuple[int, ...],
    *,
    act: Activation,
    pooling: Pooling,
    batch_norm: bool,
) -> tuple[nn.Sequential, tuple[int, int, int]]:
    """A chain of `conv`, pooling while there is something to halve, and the shape (C, H, W) it ends in."""
    depth, height, width = shape
    chain = nn.Sequential()
    for wider in channels:
        halve = min(height, width) > 1
        chain.append(conv(depth, wider, act=act, pooling=pooling if halve else None, batch_norm=batch_norm))
        depth = wider
        if halve:
            height, width = height // 2, width // 2
    return chain, (depth, height, width)


def slope_of(name: Activation) -> float:
    """The slope of that activation below zero, as far as `initialise` knows one."""
    return 0.01 if name == "leaky_relu" else 0.0


def initialise(model: nn.Module, init: Init, *, slope: float) -> None:
    """Draw the weights of every layer; biases start at zero.

    `slope` is that of the activations below zero: what they let through there, kaiming counts.
    Papers: xavier, Glorot and Bengio 2010; kaiming, He et al. 2015 (arXiv 1502.01852).
    """
    for layer in model.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            if init == "xavier":
                nn.init.xavier_uniform_(layer.weight)
            else:
                nn.init.kaiming_normal_(layer.weight, a=slope, nonlinearity="leaky_relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
