"""What variational autoencoders share with what trains them: the two terms of the evidence lower bound.

Paper: Kingma and Welling 2013 (arXiv 1312.6114). Units: nats per image.
"""

from torch import Tensor
from torch.nn import functional as F


def bernoulli(logits: Tensor, pixels: Tensor) -> Tensor:
    """Log-likelihood (B): the sum over pixels of x log p + (1 - x) log(1 - p), with p = sigmoid(logits).

    Both are (B, ...). Grey pixels x in [0, 1] are taken for the share of the time that they are on.
    """
    # From logits: a pixel that p misses by far keeps its gradient, where the logarithm of p has none left.
    return -F.binary_cross_entropy_with_logits(logits, pixels, reduction="none").flatten(1).sum(dim=1)


def kl(mu: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(mu, exp(log_var)) || N(0, 1)) of each row of (B, Z), summed over Z: (B)."""
    return 0.5 * (mu.square() + log_var.exp() - 1 - log_var).sum(dim=1)


def reparameterise(mu: Tensor, log_var: Tensor, noise: Tensor) -> Tensor:
    """Latents (B, Z) of N(mu, exp(log_var)) for standard normal noise (B, Z), with a gradient in both."""
    return mu + (0.5 * log_var).exp() * noise
