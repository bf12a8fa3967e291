"""Weights that start from those of another run."""

from pathlib import Path

import pytest
import torch

from stages.architectures import bag_of_embeddings
from stages.core.spec import Texts
from stages.modelling import weights
from stages.modelling.weights import Card
from tests import samples


@pytest.mark.parametrize("same", [True, False])
def test_word_vectors_are_taken_only_where_the_words_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, same: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    facts = samples.texts_spec()
    assert isinstance(facts, Texts)
    card = Card(run="first", architecture="bag_of_embeddings", hyper={}, spec=facts, seed=0)
    first = weights.build(card)
    weights.save(first, card)
    words = facts.vocabulary if same else tuple(f"{word}!" for word in facts.vocabulary)
    other = facts.model_copy(update={"vocabulary": words})
    second = bag_of_embeddings.build(other)
    weights.start(second, other, "first", at="models.second.start")
    ours, theirs = second.state_dict(), first.state_dict()
    assert torch.equal(ours["head.linear.weight"], theirs["head.linear.weight"])
    assert torch.equal(ours["entry.embedding.weight"], theirs["entry.embedding.weight"]) is same
