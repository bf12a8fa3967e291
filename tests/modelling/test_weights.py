"""Weights that start from those of another run."""

from pathlib import Path

import pytest
import torch
from torch import nn

from stages.architectures import bag_of_embeddings
from stages.core import files, paths
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
    card = Card(
        run="first", architecture="bag_of_embeddings", hyper={}, spec=facts, seed=0, threads=2, device="cpu"
    )
    first = weights.build(card)
    weights.save(first, card)
    words = facts.vocabulary if same else tuple(f"{word}!" for word in facts.vocabulary)
    other = facts.model_copy(update={"vocabulary": words})
    second = bag_of_embeddings.build(other)
    own = card.model_copy(update={"run": "second", "spec": other})
    weights.start(second, own, "first", at="models.second.start")
    ours, theirs = second.state_dict(), first.state_dict()
    assert torch.equal(ours["head.linear.weight"], theirs["head.linear.weight"])
    assert torch.equal(ours["entry.embedding.weight"], theirs["entry.embedding.weight"]) is same


@pytest.mark.parametrize("same", [True, False])
def test_a_head_is_taken_only_where_the_classes_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, same: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    facts = samples.spec(classes=3)
    card = Card(
        run="low",
        architecture="cnn_gap",
        hyper={"channels": [4, 4]},
        spec=facts,
        seed=0,
        threads=2,
        device="cpu",
    )
    low = weights.build(card)
    weights.save(low, card)
    names = facts.classes if same else ("five", "six", "seven")
    own = card.model_copy(update={"run": "high", "spec": facts.model_copy(update={"classes": names})})
    high = weights.build(own)
    weights.start(high, own, "low", at="models.high.start")
    ours, theirs = high.state_dict(), low.state_dict()
    assert {name for name in ours if torch.equal(ours[name], theirs[name])} >= {
        name for name in ours if same or name.startswith("features.")
    }
    assert torch.equal(ours["head.weight"], theirs["head.weight"]) is same
    left = "none" if same else "head.bias, head.weight"
    assert capsys.readouterr().out.endswith(f"tensors from low, not taken: {left}\n")


def test_weights_without_a_card_fit_by_their_names_and_shapes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    card = Card(
        run="own", architecture="perceptron", hyper={}, spec=samples.spec(), seed=0, threads=2, device="cpu"
    )
    model = weights.build(card)
    (name,) = [name for name, tensor in model.state_dict().items() if tensor.ndim == 2]
    elsewhere = torch.rand(model.state_dict()[name].shape)
    files.write_tensors(paths.weights("elsewhere"), {name: elsewhere, "other": torch.zeros(3)})
    weights.start(model, card, "elsewhere", at="models.own.start")
    assert torch.equal(model.state_dict()[name], elsewhere)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"weight": (1, 2)}, "weight"),
        ({"backbone.weight": (1, 2)}, "backbone.weight"),
        ({"weight": (1, 2), "backbone.weight": (1, 2)}, "backbone.weight"),
        ({"weight": (1, 2), "backbone.weight": (1, 3)}, "weight"),
        ({"weight": (1, 3), "backbone.weight": (1, 2)}, "backbone.weight"),
    ],
)
def test_weights_of_a_backbone_have_their_names_in_the_network_or_else_those_in_the_backbone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, tuple[int, int]], taken: str
) -> None:
    monkeypatch.chdir(tmp_path)
    tensors = {name: torch.rand(shape) for name, shape in given.items()}
    files.write_tensors(paths.weights("elsewhere"), tensors)
    model = nn.ModuleDict({"backbone": nn.Linear(2, 1)})
    card = Card(run="own", architecture="", hyper={}, spec=samples.spec(), seed=0, threads=2, device="cpu")
    start = weights.start(model, card, "elsewhere", at="models.own.start")
    assert torch.equal(model.state_dict()["backbone.weight"], tensors[taken])
    assert start.left == {"backbone.bias"}
