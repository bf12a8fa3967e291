"""What never changes is computed once: a head that alone learns does so from features kept in memory."""

from dataclasses import replace
from typing import cast

import torch
from torch import Tensor, nn

from stages.core import inputs
from stages.core.spec import Labelled, Vectors
from stages.core.splits import Split
from stages.loop import groups
from stages.loop.job import Job
from stages.modelling.contracts import Headed, Objective, is_headed
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
    if not (is_headed(model) and isinstance(objective, Supervised)):
        return model, job
    still = groups.frozen(model, job.settings.groups, epoch=job.settings.epochs)
    head = Head(model.get_submodule("head"))
    alone = set(model.parameters()) - still <= set(head.parameters())
    if not alone or job.settings.augment.active or not isinstance(job.spec, Labelled):
        return model, job
    model.eval()
    train, val = (_of(cast(Headed, model), split, job) for split in (job.train, job.val))
    facts = job.spec.model_dump() | {"shape": train.x.shape[1:]}
    spec = Vectors(**{name: facts[name] for name in Vectors.model_fields})
    own = {name: group for name, group in job.settings.groups.items() if groups.named(head, group)}
    settings = job.settings.model_copy(update={"groups": own})
    return head, replace(job, spec=spec, settings=settings, train=train, val=val)


@torch.no_grad()
def _of(model: Headed, split: Split, job: Job) -> Split:
    """The split with features in the place of its inputs, in its order."""
    from tqdm import tqdm

    order, said = [], []
    with tqdm(total=len(split), desc=f"{job.run}: features", unit="ex", disable=None, leave=False) as bar:
        for rows, batch in inputs.walk(split, job.spec, device=job.device):
            order.append(rows)
            with job.autocast():
                features = model.features(batch.x)  # (B, ...) -> (B, D)
            said.append(features.float())
            bar.update(len(rows))
    return Split(torch.cat(said)[torch.cat(order).argsort()], split.y)
