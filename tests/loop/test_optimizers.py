"""Optimizers: torch's own, called as the manual says, are the referees."""

import copy
import subprocess
import sys

import pytest
import torch
from torch import nn, optim

from stages.loop import optimizers
from tests import samples

REFEREES = {
    "sgd": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
    "adam": lambda p: optim.Adam(p, lr=0.1, weight_decay=0.01),
    "adamw": lambda p: optim.AdamW(p, lr=0.1, weight_decay=0.01),
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
    settings = samples.settings(optimizer=name, learning_rate=0.1, momentum=0.9, weight_decay=0.01)
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
