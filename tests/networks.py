"""Every run of params.yaml, and every architecture on every kind of data that it takes.

What is asked of a network is asked of all that it ships: of most there is one part, the network.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from stages.core import choices, inputs, params, rooms
from stages.core.blocks import Run
from stages.core.params import Params
from stages.core.spec import Spec
from stages.core.splits import Batch
from stages.exporting import usage
from stages.modelling import weights
from stages.modelling.contracts import Objective
from tests import samples

PROJECT = params.load(samples.ROOT / "params.yaml")
FILES = sorted(file.stem for file in (choices.STAGES / "architectures").glob("[!_]*.py"))
# What a file must be told to be built at all.
REQUIRED: dict[str, dict[str, Any]] = {
    "recurrent": {"cell": "lstm", "bidirectional": True},
    "torchvision_backbone": {"name": "shufflenet_v2_x0_5", "side": 32},
}
# Where no run shows an architecture with that kind of data.
MINIMISED = {"images": "cross_entropy", "texts": "cross_entropy", "series": "forecast_error"}


class Block(NamedTuple):
    """A run, or a file of the room without one."""

    name: str
    architecture: str
    hyper: dict[str, Any]
    spec: Spec
    objective: str
    loss: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.name}-{self.spec.kind}"

    @property
    def shows(self) -> tuple[str, str]:
        """What it is an example of."""
        return self.architecture, self.spec.kind


def sized(project: Params) -> dict[str, Run]:
    """The runs that say all their sizes: those that start, or whose start starts, elsewhere need not."""
    elsewhere = set(project.pretrained)
    while more := {name for name, run in project.models.items() if run.start in elsewhere} - elsewhere:
        elsewhere |= more
    return {name: run for name, run in project.models.items() if name not in elsewhere}


def of_runs(runs: Mapping[str, Run]) -> Iterator[Block]:
    """Every run with the data that both its architecture and its objective take."""
    for name, run in runs.items():
        fitting = samples.fitting(choices.load("objectives", run.objective).build)
        for spec in samples.fitting(choices.load("architectures", run.architecture).build):
            if spec in fitting:
                yield Block(name, run.architecture, run.hyper, spec, run.objective, run.loss)


def of_files() -> Iterator[Block]:
    """Every file of the room with all data that it takes."""
    for file in FILES:
        for spec in samples.fitting(choices.load("architectures", file).build):
            yield Block(file, file, REQUIRED.get(file, {}), spec, MINIMISED[spec.kind], {})


def blocks() -> list[Block]:
    """Every run of params.yaml; what these do not show as the samples do, and what neither shows bare."""
    found: list[Block] = []
    for source in (of_runs(sized(PROJECT)), of_runs(samples.params().models), of_files()):
        shown = {block.shows for block in found}
        found += [block for block in source if block.shows not in shown]
    return found


BLOCKS = blocks()


def build(block: Block, seed: int = 0) -> nn.Module:
    """Its network, as drawn."""
    torch.manual_seed(seed)
    return weights.build(card(block))


def outspoken(block: Block) -> nn.Module:
    """The same, with last layers that begin at zero drawn too: of what these say, anything would hold."""
    model = build(block)
    for weight in (one for one in model.parameters() if one.ndim > 1 and not one.any()):
        nn.init.normal_(weight, std=0.1)
    return model


def card(block: Block) -> weights.Card:
    """What its file of weights says of it."""
    return weights.Card(
        run=block.name,
        architecture=block.architecture,
        hyper=block.hyper,
        spec=block.spec,
        seed=0,
        threads=2,
        device="cpu",
    )


def batch(spec: Spec, count: int = 6) -> Batch:
    """Examples of the sample data, as networks take them."""
    raw = samples.split(spec).take(3 * torch.arange(count))
    return inputs.ready(raw, spec, device=torch.device("cpu"))


def objective(block: Block) -> Objective:
    """What it minimises."""
    built: Objective = rooms.build("objectives", block.objective, block.spec, block.loss, at="here")
    return built


def says(model: nn.Module, spec: Spec, x: Tensor, *, seed: int = 0) -> dict[str, Tensor]:
    """All that the parts of a network say of what they are given for `x`."""
    said = {}
    for name, shipped in usage.parts(model, spec).items():
        torch.manual_seed(seed)
        outputs = shipped.part(*shipped.given(x))
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        said |= {f"{name}.{key}": one for key, one in zip(shipped.outputs, outputs, strict=True)}
    return said
