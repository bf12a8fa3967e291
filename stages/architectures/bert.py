"""BERT (Devlin et al. 2018, arXiv 1810.04805): a transformer that learns words from the words around them.

With the head `words` it guesses hidden ones, which needs no labels; with `classes` it starts from there.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from stages.core.ranges import Count, Fraction
from stages.core.spec import Texts
from stages.modelling import hub, sequences
from stages.modelling.shipping import Shipped

Pooling = Literal["mean", "first"]


class Encoder(nn.Module):
    """The encoder, and how the states of a text are pooled into its features."""

    def __init__(self, backbone: nn.Module, *, pooling: Pooling) -> None:
        super().__init__()
        self.backbone = backbone
        self._pooling = pooling

    def states(self, x: Tensor) -> Tensor:
        """States (B, T, D) of words (B, T)."""
        places = torch.arange(x.shape[1], device=x.device)
        # The first word is always seen: a softmax over nothing is not a number.
        seen = sequences.mask(x) | (places == 0)
        said = self.backbone(
            input_ids=x,
            attention_mask=seen.long(),
            token_type_ids=torch.zeros_like(x),
            position_ids=places[None],
        )
        states: Tensor = said.last_hidden_state
        return states

    def features(self, x: Tensor) -> Tensor:
        """What is said of a text, (B, D)."""
        states = self.states(x)
        return states[:, 0] if self._pooling == "first" else sequences.mean(states, sequences.mask(x))


class Bert(Encoder):
    """The features of a text, and a head that tells its class."""

    def __init__(self, backbone: nn.Module, head: nn.Module, *, pooling: Pooling) -> None:
        super().__init__(backbone, pooling=pooling)
        self.head = head

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(x))
        return logits


class MaskedBert(Encoder):
    """The same encoder, and what guesses words; it is shipped as what tells the features of texts."""

    def __init__(self, backbone: nn.Module, words: nn.Module, *, pooling: Pooling) -> None:
        super().__init__(backbone, pooling=pooling)
        self.words = words

    def forward(self, x: Tensor) -> Tensor:
        return self.features(x)

    def guess(self, x: Tensor, hidden: Tensor) -> Tensor:
        """Logits (M, V) of the words at the places (B, T) that are `hidden`, row by row."""
        vectors: Tensor = self.backbone.get_input_embeddings().weight  # type: ignore[operator]
        logits: Tensor = self.words(self.states(x)[hidden], vectors)
        return logits

    def shipped(self) -> dict[str, Shipped]:
        """The encoder alone: heads are what others put on it."""
        said = "features (batch, width), near each other where texts are alike to the network"
        return {
            "encoder": Shipped(
                part=self, inputs=("x",), outputs=("features",), given=lambda x: (x,), told={"output": said}
            )
        }


class Guess(nn.Module):
    """How near states are, after a layer of their own, to the vector of each word, and how frequent it is."""

    def __init__(self, width: int, words: int) -> None:
        super().__init__()
        self.layer = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.LayerNorm(width))
        self.bias = nn.Parameter(torch.zeros(words))

    def forward(self, states: Tensor, vectors: Tensor) -> Tensor:
        return F.linear(self.layer(states), vectors[: len(self.bias)], self.bias)  # (M, D) -> (M, V)


def build(
    spec: Texts,
    *,
    head: Literal["classes", "words"] = "classes",
    width: Count = 64,
    heads: Count = 4,
    layers: Count = 2,
    hidden: Count = 256,
    length: Count = 512,
    pooling: Pooling = "mean",
    dropout: Fraction = 0.1,
) -> nn.Module:
    """A BERT for the texts of `spec`.

    Args:
        hidden: width between the two maps of a layer.
        length: words of the longest text that it can take.

    Raises:
        ValueError: the heads cannot share the width, or the texts are longer.
    """
    backbone = hub.bert(
        spec, width=width, heads=heads, layers=layers, hidden=hidden, length=length, dropout=dropout
    )
    if head == "words":
        return MaskedBert(backbone, Guess(width, len(spec.vocabulary)), pooling=pooling)
    classes = nn.Sequential(nn.Dropout(dropout), nn.Linear(width, len(spec.classes)))
    return Bert(backbone, classes, pooling=pooling)
