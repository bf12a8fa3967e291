"""Attention that pools: one vector out of many states, each weighing what it says of itself."""

from typing import Literal

import torch
from torch import Tensor, nn

Score = Literal["additive", "dot"]


class Attention(nn.Module):
    """A softmax over the steps under a mask: `additive` scores v . tanh(W h + b), `dot` q . h / sqrt(D).

    Papers: additive, Bahdanau et al. 2014 (arXiv 1409.0473) and, to pool a text, Yang et al. 2016;
    dot, Luong et al. 2015 (arXiv 1508.04025).
    """

    def __init__(self, width: int, score: Score) -> None:
        super().__init__()
        self.hidden = (
            nn.Sequential(nn.Linear(width, width), nn.Tanh()) if score == "additive" else nn.Identity()
        )
        self.query = nn.Linear(width, 1, bias=False)
        self._scale = 1.0 if score == "additive" else width**-0.5

    def shares(self, states: Tensor, mask: Tensor) -> Tensor:
        """Weights (B, T) of states (B, T, D); they sum to 1 and are 0 outside of the mask."""
        scores = self.query(self.hidden(states)).squeeze(2) * self._scale  # (B, T, D) -> (B, T)
        weights: Tensor = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=1)
        return weights

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        return torch.einsum("bt,btd->bd", self.shares(states, mask), states)  # (B, T, D) -> (B, D)
