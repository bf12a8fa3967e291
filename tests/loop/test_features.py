"""Descriptions that never change are computed once: the same run, only faster."""

import sys
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from stages.core import choices, inputs, outlines, rooms
from stages.core.errors import UserError
from stages.core.spec import Images
from stages.loop import Job, features, fit
from stages.loop.checkpoint import Checkpoint
from stages.modelling import machine
from stages.objectives import cross_entropy
from tests import samples
from tests.watched import Terminal

SPEC = samples.spec(each=9)
FROZEN = {"body": {"parameters": "backbone.*", "frozen": "always"}}


class Transferred(nn.Module):
    """A network of a backbone and a head that counts the images it describes."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.5), nn.Flatten()
        )
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(144, 4))
        self.described = 0

    def features(self, x: Tensor) -> Tensor:
        self.described += len(x)
        described: Tensor = self.backbone(x)
        return described

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(x))
        return logits


def network() -> Transferred:
    machine.seed(0)
    return Transferred()


def job(**own: Any) -> Job:
    shared = {"batch_size": 8, "epochs": 3, "groups": FROZEN, "keep": "last"}
    return Job(
        run="sample",
        spec=SPEC,
        settings=samples.settings(**shared | own),
        seed=0,
        device=torch.device("cpu"),
        train=samples.split(SPEC, seed=1),
        val=samples.split(SPEC, seed=2),
        left={},
        checkpoint=Checkpoint("sample", [str(own)]),
    )


def fitted(**own: Any) -> Transferred:
    model = network()
    fit(model, cross_entropy.build(SPEC), job(**own))
    return model


@pytest.mark.parametrize("sampler", ["shuffled", "balanced"])
def test_it_ends_as_a_run_that_describes_every_batch(monkeypatch: pytest.MonkeyPatch, sampler: str) -> None:
    once = fitted(sampler=sampler)
    monkeypatch.setattr(features, "once", lambda model, objective, job: (model, job))
    Checkpoint("sample", [str({"sampler": sampler})]).clear()
    often = fitted(sampler=sampler)
    assert often.described == 6 * SPEC.size("train")
    assert once.described < 3 * SPEC.size("train")  # train, val, and a batch to see that nothing varies
    for name, tensor in once.state_dict().items():
        assert torch.allclose(tensor, often.state_dict()[name], atol=1e-5), name


@pytest.mark.parametrize(
    "own",
    [
        {"augment": {"flip": True}},
        {"groups": {}},
        {"groups": {"body": {"parameters": "backbone.*", "frozen": 2}}},
        {"groups": {"body": {"parameters": "backbone.0.*", "frozen": "always"}}},
    ],
)
def test_what_varies_or_learns_is_described_every_time(own: dict[str, Any]) -> None:
    assert fitted(**own).described >= 6 * SPEC.size("train")


HEADED = [
    ("cnn", {"channels": [4]}),
    ("cnn_gap", {"channels": [4]}),
    ("mlp", {"widths": [8], "dropout": 0.5}),
    ("bag_of_embeddings", {}),
    ("recurrent", {"cell": "gru"}),
    ("attention", {}),
    ("transformer", {"dropout": 0.0}),
]


def behind(name: str, hyper: dict[str, Any], seed: int = 0) -> tuple[nn.Module, Job]:
    """A network whose head alone learns, and its run."""
    build = choices.load("architectures", name).build
    facts = SPEC if outlines.takes("architectures", name) == (Images,) else samples.texts_spec(each=9)
    machine.seed(seed)
    model = build(facts, **rooms.check_arguments(build, hyper, at="hyper"))
    frozen = {
        child: {"parameters": f"{child}.*", "frozen": "always"}
        for child, module in model.named_children()
        if child != "head" and list(module.parameters())
    }
    splits = {"train": samples.split(facts, seed=1), "val": samples.split(facts, seed=2)}
    return model, replace(job(groups=frozen), spec=facts, **splits)


@pytest.mark.parametrize(("name", "hyper"), HEADED, ids=[name for name, _ in HEADED])
def test_whatever_has_a_head_lets_it_learn_from_features(name: str, hyper: dict[str, Any]) -> None:
    model, its = behind(name, hyper)
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    left, on_features = features.once(model, cross_entropy.build(its.spec), its)
    assert isinstance(left, features.Head) and on_features.train.x.dim() == 2
    (rows, batch), *_ = inputs.walk(its.train, its.spec, device=its.device)
    with torch.no_grad():
        assert torch.allclose(model(batch.x), left(on_features.train.x[rows]), atol=1e-5)
    assert all(torch.equal(tensor, before[key]) for key, tensor in model.state_dict().items())


@pytest.mark.parametrize("name", ["cnn_gap", "recurrent", "bag_of_embeddings"])
def test_dropout_before_the_head_goes_on(name: str) -> None:
    model, its = behind(name, dict(HEADED)[name] | {"dropout": 0.5})
    state = torch.get_rng_state()
    assert features.once(model, cross_entropy.build(its.spec), its) == (model, its)
    assert torch.equal(torch.get_rng_state(), state)


def test_killed_between_epochs_it_ends_in_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fitted().state_dict()
    save = Checkpoint.save

    def die(self: Checkpoint, *args: Any, **kwargs: Any) -> None:
        save(self, *args, **kwargs)
        raise KeyboardInterrupt

    Checkpoint("sample", [str({})]).clear()
    with monkeypatch.context() as patched:
        patched.setattr(Checkpoint, "save", die)
        with pytest.raises(KeyboardInterrupt):
            fitted()
    resumed = fitted().state_dict()
    assert all(torch.equal(tensor, resumed[name]) for name, tensor in whole.items())


def test_what_of_the_head_is_frozen_stays_so() -> None:
    given = FROZEN | {"bias": {"parameters": "head.1.bias", "frozen": "always"}}
    after, before = fitted(groups=given), network()
    assert torch.equal(after.head[1].bias, before.head[1].bias)
    assert not torch.equal(after.head[1].weight, before.head[1].weight)


class Answering(nn.Module):
    """A network whose `head` is a function, no module."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone, self.last = nn.Linear(64, 8), nn.Linear(8, 4)

    def head(self, x: Tensor) -> Tensor:
        logits: Tensor = self.last(x)
        return logits

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.backbone(x.flatten(1)))


def test_a_function_called_head_is_none() -> None:
    model, its = Answering(), job()
    assert features.once(model, cross_entropy.build(SPEC), its) == (model, its)


def test_a_terminal_is_shown_how_many_examples_are_described(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    fitted()
    assert f"sample: features:   0%|          | 0/{SPEC.size('train')} [" in terminal.getvalue()


def test_a_group_beside_it_that_fits_nothing_is_refused_first() -> None:
    given = FROZEN | {"other": {"parameters": "layer4.*"}}
    with pytest.raises(UserError, match=r"groups\.other\.parameters must fit names of parameters"):
        fitted(groups=given)
