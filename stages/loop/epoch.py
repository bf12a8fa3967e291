"""One epoch: every batch, every turn of it, one step each."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from stages.core import inputs
from stages.core.errors import UserError
from stages.core.fitting import Fit
from stages.core.splits import Batch
from stages.loop import batches, groups, optimizers, schedules
from stages.loop.history import Meter
from stages.loop.job import Job
from stages.loop.norms import Norms
from stages.loop.progress import Progress
from stages.loop.state import State
from stages.modelling import machine
from stages.modelling.contracts import Objective, Turn

# Gradient norms are means over at most so many batches of an epoch.
_NORMS = 32


def train(state: State, objective: Objective, job: Job, progress: Progress) -> None:
    """Step through the train split once and put down in the history how it went."""
    settings, history = job.settings, state.history
    number = len(history) + 1
    generator = machine.seed(job.seed, epoch=number)
    count = job.batches
    losses = history.losses(settings)
    meter, norms = Meter(), Norms(state.model, every=-(-count // _NORMS))
    rates: dict[str, float] = {}
    state.model.train()
    groups.freeze(state.model, settings.groups, epoch=number)
    stream = batches.shuffled(job.train, job.spec, settings, generator=generator, device=job.device)
    for done, batch in enumerate(stream):
        factor = schedules.factor(settings, epoch=number - 1 + done / count, losses=losses)
        rates = optimizers.set_rates(state.optimizers, settings, factor)
        taken = []
        for turn in turns(state.model, objective, batch, job):
            step(turn, state, settings, norms)
            taken.append(turn)
        meter.add(taken, len(batch.y))
        progress.batch(meter)
    history.rates.append(rates)
    history.gradients.append(norms.means())
    history.train.append(finite(meter.means(), "train", job, number))


@torch.no_grad()
def validate(state: State, objective: Objective, job: Job) -> None:
    """Put down in the history how the model does on the validation split."""
    meter = Meter()
    state.model.eval()
    machine.seed(job.seed)  # whatever an objective draws, it is the same in every epoch
    for _, batch in inputs.walk(job.val, job.spec, device=job.device):
        meter.add(list(turns(state.model, objective, batch, job)), len(batch.y))
    state.history.val.append(finite(meter.means(), "val", job, len(state.history) + 1))


def turns(model: nn.Module, objective: Objective, batch: Batch, job: Job) -> Iterator[Turn]:
    """The turns of a batch, computed in the job's precision; stepping happens outside of it."""
    given = objective.losses(model, batch)
    while True:
        with job.autocast():
            turn = next(given, None)
        if turn is None:
            return
        yield turn


def step(turn: Turn, state: State, settings: Fit, norms: Norms) -> None:
    """Let the part whose turn it is take one step down its loss and its penalties."""
    part, optimizer = state.parts[turn.part], state.optimizers[turn.part]
    optimizer.zero_grad()
    # A generator's loss goes through the discriminator, whose gradients no one would use.
    learning = [one for group in optimizer.param_groups for one in group["params"] if one.requires_grad]
    torch.autograd.backward(turn.loss + penalty(part, settings), inputs=learning)
    norms.add(part)
    if settings.clip_norm:
        nn.utils.clip_grad_norm_(part.parameters(), settings.clip_norm)
    optimizer.step()


def penalty(part: nn.Module, settings: Fit) -> Tensor:
    """l1 * sum |w| + l2 * sum w^2 over the weights of a part; biases and scales go free."""
    if not (settings.l1 or settings.l2):
        return torch.zeros(())
    weights = [weight for weight in part.parameters() if weight.ndim > 1]
    total: Tensor = sum(
        (settings.l1 * w.abs().sum() + settings.l2 * w.square().sum() for w in weights), torch.zeros(())
    )
    return total


def finite(means: dict[str, float], split: str, job: Job, epoch: int) -> dict[str, float]:
    """`means`, if none of them is infinite or not a number.

    Raises:
        UserError: one is; going on would train on nothing.
    """
    for measure, value in means.items():
        if not math.isfinite(value):
            raise UserError(
                f"{job.run}: {measure} of {split} is {value} in epoch {epoch}, it must be finite; "
                "lower learning_rate or set clip_norm"
            )
    return means
