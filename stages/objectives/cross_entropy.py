"""Cross-entropy of softmax(logits): the negative log-likelihood of the right class."""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from stages.core.ranges import Fraction
from stages.core.spec import Labelled
from stages.modelling.supervised import Supervised, accuracy


def build(
    spec: Labelled, *, label_smoothing: Fraction = 0.0, class_weights: Literal["none", "balanced"] = "none"
) -> Supervised:
    """Cross-entropy of logits (B, K) and labels (B).

    Reduction: mean over the batch; with `balanced` weights the mean of each loss times the weight of its
    class, the inverse of its share in the train split. These weights are 1 in the mean, not in each batch:
    divided by their sum there, as torch does it, a rare class would count the less, the smaller the batch.
    Paper: label smoothing, Szegedy et al. 2015 (arXiv 1512.00567).

    Raises:
        ValueError: weights are to be balanced, and the train split lacks a class.
    """
    if class_weights == "balanced" and 0 in spec.counts["train"]:
        raise ValueError("class_weights must be none where train lacks a class, got 'balanced'")
    weights = balanced(spec) if class_weights == "balanced" else None

    def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
        weight = None if weights is None else weights.to(logits.device)
        total = F.cross_entropy(
            logits, labels, weight=weight, label_smoothing=label_smoothing, reduction="sum"
        )
        return total / len(labels)

    return Supervised(cross_entropy, {"accuracy": accuracy})


def balanced(spec: Labelled) -> Tensor:
    """Weights (K) by which every class counts the same: N / (K N_k)."""
    counts = torch.tensor(spec.counts["train"], dtype=torch.float32)
    return counts.sum() / (len(counts) * counts)
