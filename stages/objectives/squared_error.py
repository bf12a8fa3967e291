"""Squared error of softmax(logits) on one-hot targets: the Brier score (Brier, 1950)."""

from torch import Tensor
from torch.nn import functional as F

from stages.core.spec import Labelled
from stages.modelling.supervised import Supervised, accuracy


def squared_error(logits: Tensor, labels: Tensor) -> Tensor:
    """|softmax(logits) - one-hot|^2 of logits (B, K) and labels (B). Reduction: sum over K, mean over B."""
    targets = F.one_hot(labels, logits.shape[1])  # (B) -> (B, K)
    return (logits.softmax(dim=1) - targets).square().sum(dim=1).mean()


def build(spec: Labelled) -> Supervised:
    """Squared error on one-hot targets."""
    return Supervised(squared_error, {"accuracy": accuracy})
