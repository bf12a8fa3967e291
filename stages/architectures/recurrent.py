"""Recurrent network (Elman, 1990; LSTM and GRU since): a state that is carried from step to step.

The same file serves texts, whose words are embedded, and series, whose columns are mapped to vectors.
"""

from torch import Tensor, nn

from stages.core.ranges import Count, Fraction, Positive
from stages.core.spec import Series, Texts
from stages.modelling import sequences
from stages.modelling.cells import Cell
from stages.modelling.recurrence import Recurrence
from stages.modelling.sequences import Pooling


class Recurrent(nn.Module):
    """Vectors of the steps, recurrent layers over them, their states pooled into one, a linear head."""

    def __init__(
        self, entry: nn.Module, recurrence: Recurrence, head: nn.Module, *, pooling: Pooling, dropout: float
    ) -> None:
        super().__init__()
        self.entry = entry
        self.recurrence = recurrence
        self.dropout = nn.Dropout(dropout)
        self.head = head
        self._pooling: Pooling = pooling

    def forward(self, x: Tensor) -> Tensor:
        vectors, mask = self.entry(x)  # (B, T) or (B, T, C) -> (B, T, D)
        states = self.recurrence(self.dropout(vectors), mask)  # (B, T, D) -> (B, T, H)
        pooled = self.recurrence.pool(states, mask, self._pooling)  # (B, T, H) -> (B, H)
        outputs: Tensor = self.head(self.dropout(pooled))  # (B, H) -> (B, K) or (B, F, C)
        return outputs


def build(
    spec: Texts | Series,
    *,
    cell: Cell,
    width: Count = 64,
    spread: Positive = 1.0,
    hidden: Count = 64,
    layers: Count = 1,
    bidirectional: bool = False,
    pooling: Pooling = "last",
    dropout: Fraction = 0.0,
    relative: bool = False,
) -> nn.Module:
    """A recurrent network for the texts or windows of `spec`.

    With `relative` it forecasts the change from the last step of a window.
    """
    entry = sequences.entry(spec, width, spread=spread)
    recurrence = Recurrence(
        cell, width, hidden=hidden, layers=layers, dropout=dropout, bidirectional=bidirectional
    )
    head = sequences.Head(recurrence.width, spec.outputs)
    network = Recurrent(entry, recurrence, head, pooling=pooling, dropout=dropout)
    return sequences.relative(network, spec, wanted=relative)
