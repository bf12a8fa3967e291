"""Descriptions that never change are computed once: the same run, only faster."""

import sys
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from stages.core.errors import UserError
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
    assert once.described == 2 * SPEC.size("train")
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
    assert fitted(**own).described == 6 * SPEC.size("train")


def test_what_of_the_head_is_frozen_stays_so() -> None:
    given = FROZEN | {"bias": {"parameters": "head.1.bias", "frozen": "always"}}
    after, before = fitted(groups=given), network()
    assert torch.equal(after.head[1].bias, before.head[1].bias)
    assert not torch.equal(after.head[1].weight, before.head[1].weight)


def test_a_terminal_is_shown_how_many_examples_are_described(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    fitted()
    assert f"sample: features:   0%|          | 0/{SPEC.size('train')} [" in terminal.getvalue()


def test_a_group_beside_it_that_fits_nothing_is_refused_first() -> None:
    given = FROZEN | {"other": {"parameters": "layer4.*"}}
    with pytest.raises(UserError, match=r"groups\.other\.parameters must fit names of parameters"):
        fitted(groups=given)
