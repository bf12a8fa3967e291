"""The perceptron criterion (Rosenblatt, 1958): by how much the wrong winner beats the right class."""

from torch import Tensor

from stages.core.spec import Labelled
from stages.modelling.supervised import Supervised, accuracy


def perceptron(logits: Tensor, labels: Tensor) -> Tensor:
    """max_k z_k - z_y of logits z (B, K) and labels y (B), zero where y wins. Reduction: mean over B.

    One step of SGD on it is Rosenblatt's rule: add the input to the right class, take it from the winner.
    """
    # By index, not by amax: where scores tie, amax would share the gradient among them.
    winner = logits.gather(1, logits.argmax(dim=1, keepdim=True))  # (B, K) -> (B, 1)
    right = logits.gather(1, labels[:, None])
    return (winner - right).mean()


def build(spec: Labelled) -> Supervised:
    """The perceptron criterion."""
    return Supervised(perceptron, {"accuracy": accuracy})
