"""Optimizers: torch's own, called as the manual says, are the referees."""

import copy
import inspect
import subprocess
import sys
from collections.abc import Iterator

import pytest
import torch
from torch import nn, optim

from stages.core.fitting import HEEDED
from stages.core.splits import Batch
from stages.loop import optimizers, state
from stages.modelling.contracts import Turn
from tests import samples

REFEREES = {
    "sgd": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
    "adam": lambda p: optim.Adam(p, lr=0.1, betas=(0.5, 0.9), weight_decay=0.01),
    "adamw": lambda p: optim.AdamW(p, lr=0.1, betas=(0.5, 0.9), weight_decay=0.01),
    "rmsprop": lambda p: optim.RMSprop(p, lr=0.1, momentum=0.9, weight_decay=0.01),
}


def walk(model: nn.Module, optimizer: optim.Optimizer) -> list[torch.Tensor]:
    x = torch.rand(8, 5, generator=torch.Generator().manual_seed(3))
    for _ in range(4):
        optimizer.zero_grad()
        model(x).square().sum().backward()
        optimizer.step()
    return [parameter.detach() for parameter in model.parameters()]


@pytest.mark.parametrize("name", REFEREES)
def test_steps_are_torchs(name: str) -> None:
    model = nn.Linear(5, 3)
    twin = copy.deepcopy(model)
    settings = samples.settings(
        optimizer=name, learning_rate=0.1, momentum=0.9, betas=(0.5, 0.9), weight_decay=0.01
    )
    ours, theirs = (
        walk(model, optimizers.build(model, settings)),
        walk(twin, REFEREES[name](twin.parameters())),
    )
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(ours, theirs, strict=True))


def test_nesterov_looks_ahead() -> None:
    model = nn.Linear(5, 3)
    twin = copy.deepcopy(model)
    settings = samples.settings(optimizer="sgd", learning_rate=0.01, momentum=0.5, nesterov=True)
    referee = optim.SGD(twin.parameters(), lr=0.01, momentum=0.5, nesterov=True)
    ours, theirs = walk(model, optimizers.build(model, settings)), walk(twin, referee)
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(ours, theirs, strict=True))


def test_betas_are_torchs_own_where_nothing_is_said() -> None:
    found = optimizers.build(nn.Linear(1, 1), samples.settings(optimizer="adam"))
    assert found.defaults["betas"] == optim.Adam([torch.zeros(1)]).defaults["betas"]


@pytest.mark.parametrize("name", REFEREES)
def test_what_an_optimizer_is_said_to_heed_is_what_torchs_takes(name: str) -> None:
    known = inspect.signature(type(REFEREES[name]([torch.zeros(1)]))).parameters
    heeded = {key for key, heeding in HEEDED["optimizer"].items() if name in heeding}
    assert heeded == known.keys() & HEEDED["optimizer"].keys()


class Pair(nn.Module):
    """An objective of two parts and its model."""

    measures = ()

    def __init__(self) -> None:
        super().__init__()
        self.discriminator, self.generator = nn.Linear(2, 1), nn.Linear(1, 2)

    def parts(self, model: nn.Module) -> dict[str, nn.Module]:
        return {"discriminator": model.discriminator, "generator": model.generator}

    def losses(self, model: nn.Module, batch: Batch) -> Iterator[Turn]:
        raise AssertionError("nothing is trained here")


APART = {
    "discriminator": {"optimizer": "sgd", "learning_rate": 0.4, "momentum": 0.5, "weight_decay": 0.1},
    "generator": {"betas": (0.0, 0.9)},
}


def test_each_part_has_its_own_and_what_is_left_out_from_all() -> None:
    settings = samples.settings(
        optimizer="adam", learning_rate=0.2, betas=(0.5, 0.99), weight_decay=0.01, parts=APART
    )
    pair = Pair()
    found = state.State(pair, pair, settings).optimizers
    (one,), (other,) = found["discriminator"].param_groups, found["generator"].param_groups
    assert isinstance(found["discriminator"], optim.SGD) and isinstance(found["generator"], optim.Adam)
    assert (one["lr"], one["momentum"], one["weight_decay"]) == (0.4, 0.5, 0.1)
    assert (other["lr"], other["betas"], other["weight_decay"]) == (0.2, (0.0, 0.9), 0.01)
    assert one["params"] == list(pair.discriminator.parameters())
    assert other["params"] == list(pair.generator.parameters())


def test_a_schedule_scales_each_rate() -> None:
    settings, pair = samples.settings(learning_rate=0.2, parts=APART), Pair()
    found = state.State(pair, pair, settings).optimizers
    for factor in (0.5, 0.25, 1.0):
        told = optimizers.set_rates(found, settings, factor)
        assert told == {"discriminator": 0.4 * factor, "generator": 0.2 * factor}
        assert told == {name: one.param_groups[0]["lr"] for name, one in found.items()}


def test_training_never_imports_torchs_compiler() -> None:
    code = (
        "import sys, torch\n"
        "from torch import nn\n"
        "from stages.loop import optimizers\n"
        "from tests import samples\n"
        "model = nn.Linear(2, 2)\n"
        "optimizer = optimizers.build(model, samples.settings())\n"
        "model(torch.ones(1, 2)).sum().backward()\n"
        "optimizer.step()\n"
        "optimizer.load_state_dict(optimizer.state_dict())\n"
        "sys.exit('torch._dynamo' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=samples.ROOT, check=False).returncode == 0
