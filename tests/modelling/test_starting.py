"""Networks that start from the weights of others, a run or a file from elsewhere."""

from pathlib import Path

import pytest
import torch
from torch import nn

from stages.architectures import bag_of_embeddings
from stages.core import files, paths
from stages.core.adopted import Adopted, Origin
from stages.core.spec import Spec, Texts
from stages.modelling import starting, weights
from stages.modelling.weights import Card
from tests import samples

CLASSLESS = Card(
    run="own", architecture="", hyper={}, spec=samples.series_spec(), seed=0, threads=2, device="cpu"
)


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
    starting.start(second, own, "first", at="models.second.start")
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
    starting.start(high, own, "low", at="models.high.start")
    ours, theirs = high.state_dict(), low.state_dict()
    assert {name for name in ours if torch.equal(ours[name], theirs[name])} >= {
        name for name in ours if same or name.startswith("features.")
    }
    assert torch.equal(ours["head.weight"], theirs["head.weight"]) is same
    left = "" if same else "; not taken: head.bias, head.weight (for other classes)"
    assert capsys.readouterr().out.endswith(f"tensors from low{left}\n")


def beside(model: nn.Module) -> dict[str, torch.Tensor]:
    """Other tensors of the names and shapes of a network."""
    return {name: torch.rand_like(tensor) for name, tensor in model.state_dict().items()}


@pytest.mark.parametrize(
    ("architecture", "facts", "held"),
    [
        (
            "cnn_gap",
            samples.spec(classes=3),
            {"head.bias": "for unknown classes", "head.weight": "for unknown classes"},
        ),
        (
            "transformer",
            samples.texts_spec(),
            {
                "entry.embedding.weight": "for unknown words",
                "head.linear.bias": "for unknown classes",
                "head.linear.weight": "for unknown classes",
            },
        ),
    ],
)
def test_of_weights_without_a_card_what_stands_for_classes_or_words_is_left(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    architecture: str,
    facts: Spec,
    held: dict[str, str],
) -> None:
    monkeypatch.chdir(tmp_path)
    card = Card(run="own", architecture=architecture, hyper={}, spec=facts, seed=0, threads=2, device="cpu")
    model = weights.build(card)
    theirs = beside(model)
    files.write_tensors(paths.weights("elsewhere"), theirs)
    start = starting.start(model, card, "elsewhere", at="models.own.start")
    ours = model.state_dict()
    assert start.left == held
    assert held.keys() == {name for name in ours if not torch.equal(ours[name], theirs[name])}
    assert capsys.readouterr().out.endswith("weight (for unknown classes)\n")


@pytest.mark.parametrize("same", [True, False])
def test_weights_whose_origin_knows_the_same_words_give_theirs_but_no_head(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, same: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    facts = samples.texts_spec()
    card = Card(run="own", architecture="transformer", hyper={}, spec=facts, seed=0, threads=2, device="cpu")
    model = weights.build(card)
    words = facts.vocabulary if same else facts.vocabulary[::-1]
    origin = Origin(architecture="transformer", hyper={}, vocabulary=words)
    adopted = Adopted(beside(model), origin)
    files.write_tensors(paths.weights("elsewhere"), adopted.tensors, said=adopted.said)
    start = starting.start(model, card, "elsewhere", at="models.own.start")
    embedding = set() if same else {"entry.embedding.weight"}
    assert start.left.keys() == {"head.linear.weight", "head.linear.bias"} | embedding


def line(model: nn.Module, tensors: dict[str, torch.Tensor], capsys: pytest.CaptureFixture[str]) -> str:
    """What a network says of tensors from elsewhere that it starts from."""
    files.write_tensors(paths.weights("elsewhere"), tensors)
    starting.start(model, CLASSLESS, "elsewhere", at="models.own.start")
    return capsys.readouterr().out


def test_it_says_which_tensors_had_no_place_and_names_none_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    model = nn.ModuleDict({"backbone": nn.Linear(2, 1), "head": nn.Linear(1, 3)})
    theirs = {"weight": (1, 2), "head.weight": (4, 1), "fc.bias": (9,), "aux.0": (1,)}
    said = line(model, {name: torch.rand(shape) for name, shape in theirs.items()}, capsys)
    own = "backbone.bias, head.bias (not there); head.weight (of another shape)"
    left = "aux.0, fc.bias (without a place here)"
    assert said == f"start: 1 of 4 tensors from elsewhere; not taken: {own}; {left}\n"


def test_of_many_tensors_with_one_reason_it_names_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    theirs = {"weight": torch.rand(1, 2)} | {f"aux.{n:02}": torch.rand(1) for n in range(30)}
    said = line(nn.Linear(2, 1, bias=False), theirs, capsys)
    assert said.endswith("aux.06, aux.07 and 22 more (without a place here)\n")
    assert said.count("aux.") == 8


def test_tensors_that_hold_no_numbers_are_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of torchvision's VGG16_Weights.IMAGENET1K_FEATURES, behind its features."""
    monkeypatch.chdir(tmp_path)
    model = nn.Linear(2, 1)
    files.write_tensors(
        paths.weights("elsewhere"), {"weight": torch.rand(1, 2), "bias": torch.tensor([torch.nan])}
    )
    start = starting.start(model, CLASSLESS, "elsewhere", at="models.own.start")
    assert start.left == {"bias": "not of numbers"} and model.bias.isfinite().all()


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
    start = starting.start(model, CLASSLESS, "elsewhere", at="models.own.start")
    assert torch.equal(model.state_dict()["backbone.weight"], tensors[taken])
    assert start.left == {"backbone.bias": "not there"}


def test_a_tensor_that_has_the_name_of_one_of_the_network_is_not_taken_for_one_in_its_backbone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    head = torch.rand(1, 2)
    files.write_tensors(paths.weights("elsewhere"), {"head.weight": head})
    inner = nn.ModuleDict({"head": nn.Linear(2, 1, bias=False)})
    model = nn.ModuleDict({"head": nn.Linear(2, 1, bias=False), "backbone": inner})
    start = starting.start(model, CLASSLESS, "elsewhere", at="models.own.start")
    assert torch.equal(model.state_dict()["head.weight"], head)
    assert start.left == {"backbone.head.weight": "not there"}
