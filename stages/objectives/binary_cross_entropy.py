"""Binary cross-entropy: every class against the rest, each with a sigmoid of its own."""

from torch import Tensor
from torch.nn import functional as F

from stages.core.spec import Labelled
from stages.modelling.supervised import Supervised, accuracy


def binary_cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of sigmoid(logits) (B, K) and one-hot labels (B). Reduction: sum over K, mean over B."""
    targets = F.one_hot(labels, logits.shape[1]).to(logits.dtype)  # (B) -> (B, K)
    return F.binary_cross_entropy_with_logits(logits, targets, reduction="sum") / len(labels)


def build(spec: Labelled) -> Supervised:
    """Binary cross-entropy, one class against the rest."""
    return Supervised(binary_cross_entropy, {"accuracy": accuracy})
