"""The one door to transformers, whose import takes seconds: only what builds such a network pays for it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from stages.core import masking
from stages.core.spec import Texts
from stages.modelling import sequences

# As BERT's weights are drawn (Devlin et al. 2018).
_SPREAD = 0.02


def bert(
    spec: Texts, *, width: int, heads: int, layers: int, hidden: int, length: int, dropout: float
) -> nn.Module:
    """BERT's encoder: states (B, T, D) of the words (B, T) of `spec` and of the mask.

    Raises:
        ValueError: the heads cannot share the width, or the texts are longer than `length`.
    """
    if width % heads:
        raise ValueError(f"heads must divide width ({width}), got {heads}")
    if length < spec.shape[0]:
        raise ValueError(f"length must be at least that of the longest text ({spec.shape[0]}), got {length}")
    with without_torchvision():
        from transformers.models.bert.configuration_bert import BertConfig
        from transformers.models.bert.modeling_bert import BertModel
    rows = max(len(spec.vocabulary), masking.mask(spec) + 1)
    config = BertConfig(
        vocab_size=rows,
        hidden_size=width,
        num_attention_heads=heads,
        num_hidden_layers=layers,
        intermediate_size=hidden,
        max_position_embeddings=length,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
    )
    config._attn_implementation = "eager"  # the others have no deterministic gradient on every device
    encoder: nn.Module = BertModel(config, add_pooling_layer=False)
    encoder.embeddings.word_embeddings = sequences.WordVectors(rows, width, spread=_SPREAD)  # type: ignore[union-attr]
    return encoder


@contextmanager
def without_torchvision() -> Iterator[None]:
    """Hide torchvision, which transformers imports where it finds it and encoders of texts never call.

    That takes half a second, and breaks off where its operators do not load beside the installed torch.
    """
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if _is_torchvision(name)}
    sys.modules["torchvision"] = None  # type: ignore[assignment]  # as if it were not installed
    try:
        yield
    finally:
        del sys.modules["torchvision"]
        sys.modules.update(hidden)


def _is_torchvision(name: str) -> bool:
    return name.partition(".")[0] == "torchvision"
