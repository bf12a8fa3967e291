"""Attention over a recurrent encoder (Bahdanau et al. 2014, arXiv 1409.0473): what matters weighs most."""

from torch import Tensor, nn

from stages.core.ranges import Count, Fraction, Positive
from stages.core.spec import Series, Texts
from stages.modelling import sequences
from stages.modelling.attending import Attention, Score
from stages.modelling.cells import Cell
from stages.modelling.recurrence import Recurrence


class Attentive(nn.Module):
    """Vectors of the steps, recurrent layers over them, their states weighed into one, a linear head."""

    def __init__(
        self,
        entry: nn.Module,
        recurrence: Recurrence,
        attention: Attention,
        head: nn.Module,
        *,
        dropout: float,
    ) -> None:
        super().__init__()
        self.entry = entry
        self.recurrence = recurrence
        self.attention = attention
        self.dropout = nn.Dropout(dropout)
        self.head = head

    def forward(self, x: Tensor) -> Tensor:
        states, mask = self._states(x)
        pooled = self.attention(states, mask)  # (B, T, H) -> (B, H)
        outputs: Tensor = self.head(self.dropout(pooled))  # (B, H) -> (B, K) or (B, F, C)
        return outputs

    def weigh(self, x: Tensor) -> Tensor:
        """How much each step (B, T) of an input weighs; a row sums to 1."""
        return self.attention.shares(*self._states(x))

    def _states(self, x: Tensor) -> tuple[Tensor, Tensor]:
        vectors, mask = self.entry(x)  # (B, T) or (B, T, C) -> (B, T, D)
        return self.recurrence(self.dropout(vectors), mask), mask  # (B, T, D) -> (B, T, H)


def build(
    spec: Texts | Series,
    *,
    score: Score = "additive",
    cell: Cell = "gru",
    width: Count = 64,
    spread: Positive = 1.0,
    hidden: Count = 64,
    layers: Count = 1,
    bidirectional: bool = True,
    dropout: Fraction = 0.0,
    relative: bool = False,
) -> nn.Module:
    """An attentive network for the texts or windows of `spec`; `relative` as `recurrent` has it."""
    entry = sequences.entry(spec, width, spread=spread)
    recurrence = Recurrence(
        cell, width, hidden=hidden, layers=layers, dropout=dropout, bidirectional=bidirectional
    )
    attention = Attention(recurrence.width, score)
    head = sequences.Head(recurrence.width, spec.outputs)
    network = Attentive(entry, recurrence, attention, head, dropout=dropout)
    return sequences.relative(network, spec, wanted=relative)
