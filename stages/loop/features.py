"""What never changes is computed once: a head that alone learns does so from features kept in memory."""

from dataclasses import replace
from typing import Any, cast

import torch
from torch import Tensor, nn

from stages.core import inputs
from stages.core.spec import Labelled, Vectors
from stages.core.splits import Split
from stages.loop import groups
from stages.loop.job import Job
from stages.modelling.contracts import Objective
from stages.modelling.supervised import Supervised


class Head(nn.Module):
    """The head of a network by itself, its tensors called as they are there."""

    def __init__(self, head: nn.Module) -> None:
        super().__init__()
        self.head = head

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(x)  # (B, D) -> (B, K)
        return logits


def once(model: nn.Module, objective: Objective, job: Job) -> tuple[nn.Module, Job]:
    """What is left to be fitted: the head on features of the inputs, if nothing else ever learns.

    The head is that of `model` itself: to fit it changes `model`. Otherwise both come back as they are.
    """
    is_labelled = isinstance(objective, Supervised) and isinstance(job.spec, Labelled)
    last = dict(model.named_children()).get("head")  # a function may be called so too
    if not is_labelled or last is None or job.settings.augment.active:
        return model, job
    still = groups.frozen(model, job.settings.groups, epoch=job.settings.epochs)
    head = Head(last)
    alone = set(model.parameters()) - still <= set(head.parameters())
    if not (alone and _lasts(model, last, job)):
        return model, job
    train, val = (_of(model, last, split, job) for split in (job.train, job.val))
    facts = job.spec.model_dump() | {"shape": train.x.shape[1:]}
    spec = Vectors(**{name: facts[name] for name in Vectors.model_fields})
    own = {name: group for name, group in job.settings.groups.items() if groups.named(head, group)}
    settings = job.settings.model_copy(update={"groups": own})
    return head, replace(job, spec=spec, settings=settings, train=train, val=val)


@torch.no_grad()
def _lasts(model: nn.Module, head: nn.Module, job: Job) -> bool:
    """Whether the head is given in training what it is given in evaluation: no dropout stands before it.

    The model is in evaluation mode afterwards.
    """
    size = job.settings.batch_size
    _, batch = next(inputs.walk(job.train, job.spec, device=job.device, size=size))
    with torch.random.fork_rng(), job.autocast():
        model.train()
        groups.freeze(model, job.settings.groups, epoch=job.settings.epochs)
        head.eval()  # or its statistics would count this batch
        learnt = _given(model, head, batch.x)
        model.eval()
        judged = _given(model, head, batch.x)
    # On a GPU not each bit.
    return learnt is not None and judged is not None and torch.allclose(learnt, judged, rtol=1e-3, atol=1e-3)


def _given(model: nn.Module, head: nn.Module, x: Tensor) -> Tensor | None:
    """What the head is given of inputs (B, ...): vectors (B, D).

    None where that is something else, or where what the head says of it is not yet the answer.
    """
    calls: list[tuple[tuple[Any, ...], Any]] = []
    with head.register_forward_hook(lambda _, given, said: calls.append((given, said))):
        answer = model(x)
    match calls:
        case [((Tensor() as vectors,), said)] if said is answer and vectors.dim() == 2:
            return vectors
    return None


@torch.no_grad()
def _of(model: nn.Module, head: nn.Module, split: Split, job: Job) -> Split:
    """The split with features in the place of its inputs, in its order."""
    from tqdm import tqdm

    order, said = [], []
    with tqdm(total=len(split), desc=f"{job.run}: features", unit="ex", disable=None, leave=False) as bar:
        for rows, batch in inputs.walk(split, job.spec, device=job.device):
            order.append(rows)
            with job.autocast():
                features = cast(Tensor, _given(model, head, batch.x))  # (B, ...) -> (B, D)
            said.append(features.float())
            bar.update(len(rows))
    return Split(torch.cat(said)[torch.cat(order).argsort()], split.y)
