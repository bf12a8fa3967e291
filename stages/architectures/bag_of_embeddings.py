"""Bag of embeddings (Iyyer et al. 2015; Joulin et al. 2016, arXiv 1607.01759): words without their order."""

from torch import Tensor, nn

from stages.core.ranges import Count, Fraction, Positive
from stages.core.spec import Texts
from stages.modelling import sequences


class BagOfEmbeddings(nn.Module):
    """The mean vector of a text and a linear head: what there is to know without order."""

    def __init__(self, entry: nn.Module, head: nn.Module, *, dropout: float) -> None:
        super().__init__()
        self.entry = entry
        self.dropout = nn.Dropout(dropout)
        self.head = head

    def forward(self, x: Tensor) -> Tensor:
        vectors, mask = self.entry(x)  # (B, T) -> (B, T, D)
        bag = sequences.mean(vectors, mask)  # (B, T, D) -> (B, D)
        logits: Tensor = self.head(self.dropout(bag))  # (B, D) -> (B, K)
        return logits


def build(
    spec: Texts, *, width: Count = 64, spread: Positive = 1.0, dropout: Fraction = 0.0
) -> BagOfEmbeddings:
    """A bag of embeddings for the texts of `spec`."""
    entry = sequences.entry(spec, width, spread=spread)
    return BagOfEmbeddings(entry, sequences.Head(width, spec.outputs), dropout=dropout)
