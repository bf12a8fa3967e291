"""Recurrent layers over padded sequences, in one direction or both, without packing: that does not export."""

import torch
from torch import Tensor, nn

from stages.modelling import cells, sequences
from stages.modelling.cells import Cell
from stages.modelling.sequences import Pooling


class Recurrence(nn.Module):
    """Layers of a cell, dropout between them; with two directions their states stand side by side.

    Paper: both directions, Schuster and Paliwal 1997.
    """

    def __init__(
        self, cell: Cell, width: int, *, hidden: int, layers: int, dropout: float, bidirectional: bool
    ) -> None:
        super().__init__()
        directions = 1 + bidirectional
        widths = [width, *[directions * hidden] * (layers - 1)]
        self.ahead = nn.ModuleList(cells.layer(cell, size, hidden) for size in widths)
        self.back = nn.ModuleList(
            cells.layer(cell, size, hidden) for size in (widths if bidirectional else [])
        )
        self.dropout = nn.Dropout(dropout)
        self.hidden, self.width = hidden, directions * hidden

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        lengths = sequences.lengths(mask)
        for depth, layer in enumerate(self.ahead):
            below = self.dropout(states) if depth else states
            states = cells.run(layer, below)  # (B, T, D) -> (B, T, H)
            if self.back:
                backward = cells.run(self.back[depth], reverse(below, lengths))
                states = torch.cat([states, reverse(backward, lengths)], dim=2)  # -> (B, T, 2H)
        return states

    def pool(self, states: Tensor, mask: Tensor, pooling: Pooling) -> Tensor:
        """One vector (B, D) for the states (B, T, D): their mean, their maximum, or each direction's last."""
        match pooling:
            case "mean":
                return sequences.mean(states, mask)
            case "max":
                return sequences.maximum(states, mask)
            case "last":
                last = sequences.at(states, (sequences.lengths(mask) - 1).clamp(min=0))
                # The direction that reads backwards ends at the first step.
                return torch.cat([last[:, : self.hidden], states[:, 0, self.hidden :]], dim=1)


def reverse(states: Tensor, lengths: Tensor) -> Tensor:
    """The states (B, T, D) of each sequence in reverse order, padding left in its place; its own inverse."""
    steps = torch.arange(states.shape[1], device=states.device)
    mirrored = lengths[:, None] - 1 - steps  # (B, T), negative in the padding
    index = torch.where(mirrored < 0, steps, mirrored)
    return states.gather(1, index[..., None].expand_as(states))
