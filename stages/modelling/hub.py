"""The one door to transformers, whose import takes seconds: only what builds such a network pays for it."""

from typing import Any

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
        told = f"got {length}; or set datasets.{spec.dataset}.encode.length to {length}"
        raise ValueError(f"length must be at least that of the longest text ({spec.shape[0]}), {told}")
    config_of, network_of = _transformers()
    rows = max(len(spec.vocabulary), masking.mask(spec) + 1)
    config = config_of(
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
    encoder: nn.Module = network_of(config, add_pooling_layer=False)
    encoder.embeddings.word_embeddings = sequences.WordVectors(rows, width, spread=_SPREAD)  # type: ignore[union-attr]
    return encoder


def _transformers() -> tuple[Any, Any]:
    """The config and the encoder of BERT."""
    from stages.core import vision  # noqa: F401  transformers goes past this door

    # isort: split
    from transformers.models.bert.configuration_bert import BertConfig
    from transformers.models.bert.modeling_bert import BertModel

    return BertConfig, BertModel
