"""Transformer encoder (Vaswani et al. 2017, arXiv 1706.03762): every step looks at every other.

Norms stand before the layers (Xiong et al. 2020, arXiv 2002.04745), which trains without warm-up.
"""

import torch
from torch import Tensor, nn

from stages.core.ranges import Count, Fraction, Positive
from stages.core.spec import Series, Texts
from stages.modelling import sequences

# Evaluation has a path of its own in torch, which writes the T x T weights of attention down: of 200 steps it
# takes thrice as long.
torch.backends.mha.set_fastpath_enabled(False)


class Transformer(nn.Module):
    """Vectors of the steps with their positions, encoder layers, the mean without padding, a linear head."""

    def __init__(self, entry: nn.Module, encoder: nn.Module, head: nn.Module, *, dropout: float) -> None:
        super().__init__()
        self.entry = entry
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = head

    def forward(self, x: Tensor) -> Tensor:
        vectors, mask = self.entry(x)  # (B, T) or (B, T, C) -> (B, T, D)
        placed = self.dropout(vectors + positions(vectors))
        # The first step is always seen: a softmax over nothing is not a number.
        unseen = ~mask & (torch.arange(x.shape[1], device=x.device) > 0)
        states = self.encoder(placed, src_key_padding_mask=unseen)  # (B, T, D) -> (B, T, D)
        outputs: Tensor = self.head(sequences.mean(states, mask))  # (B, T, D) -> (B, K) or (B, F, C)
        return outputs


def positions(vectors: Tensor) -> Tensor:
    """Sines and cosines (T, D) that tell steps apart: of vectors (B, T, D), section 3.5 of the paper.

    The even dimension 2i of step t is sin(t / 10000^(2i / D)), the odd one after it the cosine.
    """
    steps, width = vectors.shape[1:]
    pairs = torch.arange((width + 1) // 2, device=vectors.device)
    angle = torch.arange(steps, device=vectors.device)[:, None] * 10000.0 ** (-2 * pairs / width)
    return torch.stack([angle.sin(), angle.cos()], dim=2).flatten(1)[:, :width]  # (T, D/2, 2) -> (T, D)


def build(
    spec: Texts | Series,
    *,
    width: Count = 64,
    spread: Positive = 1.0,
    heads: Count = 4,
    layers: Count = 2,
    hidden: Count = 128,
    dropout: Fraction = 0.1,
    relative: bool = False,
) -> nn.Module:
    """A transformer for the texts or windows of `spec`; `relative` as `recurrent` has it.

    Raises:
        ValueError: the heads cannot share the width.
    """
    if width % heads:
        raise ValueError(f"heads must divide width ({width}), got {heads}")
    network = Transformer(
        sequences.entry(spec, width, spread=spread),
        _encoder(width, heads, hidden, dropout, layers=layers),
        sequences.Head(width, spec.outputs),
        dropout=dropout,
    )
    return sequences.relative(network, spec, wanted=relative)


def _encoder(width: int, heads: int, hidden: int, dropout: float, *, layers: int) -> nn.Module:
    layer = nn.TransformerEncoderLayer(
        width, heads, hidden, dropout, activation="gelu", batch_first=True, norm_first=True
    )
    # Section 5.4 of the paper drops no weights of attention. They are then never written down either: of 200
    # steps that takes a quarter of the time.
    layer.self_attn.dropout = 0.0
    # Nested tensors would give padding other states in evaluation than training and ONNX do.
    return nn.TransformerEncoder(layer, layers, norm=nn.LayerNorm(width), enable_nested_tensor=False)
