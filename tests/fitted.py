"""A small network, and a job that fits it on the sample data."""

import torch
from torch import Tensor, nn

from stages.architectures import mlp
from stages.core.spec import Images
from stages.loop import Job, fit
from stages.loop.checkpoint import Checkpoint
from stages.loop.history import History
from stages.objectives import cross_entropy
from tests import samples

SPEC = samples.spec()


def job(seed: int = 0, spec: Images = SPEC, **own: object) -> Job:
    """The fit block of the samples, with some of it changed, on splits that differ in their noise."""
    return Job(
        run="sample",
        spec=spec,
        settings=samples.settings(**{"batch_size": 16, "learning_rate": 0.01, **own}),
        seed=seed,
        device=torch.device("cpu"),
        train=samples.split(spec, seed=1),
        val=samples.split(spec, seed=2),
        left={},
        checkpoint=Checkpoint("sample", [own, seed]),
    )


def network(seed: int = 0) -> nn.Module:
    """One that drops, as drawn."""
    torch.manual_seed(seed)
    return mlp.build(SPEC, widths=(16,), dropout=0.1)


def trained(**own: object) -> tuple[nn.Module, History]:
    """Such a network after such a job, and what the loop saw."""
    model = network()
    return model, fit(model, cross_entropy.build(SPEC), job(**own))


def weights(model: nn.Module) -> Tensor:
    """All of them, as one vector."""
    return nn.utils.parameters_to_vector(model.parameters()).detach()
