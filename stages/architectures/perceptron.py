"""Perceptron (Frank Rosenblatt, 1958): one linear layer, one score a class.

With the objective `perceptron`, plain SGD and batches of one it follows the textbook's rule step by step.
"""

from math import prod
from typing import Literal

from torch import Tensor, nn

from stages.core.spec import Images


class Perceptron(nn.Module):
    """A score for each class, linear in the inputs."""

    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.linear(x.flatten(1))  # (B, C, H, W) -> (B, K)
        return logits


def build(spec: Images, *, init: Literal["zeros", "xavier"] = "zeros") -> Perceptron:
    """A perceptron for the inputs and classes of `spec`."""
    model = Perceptron(prod(spec.shape), len(spec.classes))
    if init == "zeros":
        nn.init.zeros_(model.linear.weight)
    else:
        nn.init.xavier_uniform_(model.linear.weight)
    nn.init.zeros_(model.linear.bias)
    return model
