"""What a run is of."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from stages.core import splits
from stages.core.fitting import Fit
from stages.core.spec import Spec, Vectors
from stages.core.splits import Split
from stages.loop.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """All that a fit needs beside the network and what it minimises."""

    run: str
    spec: Spec | Vectors
    settings: Fit
    seed: int
    device: torch.device
    train: Split
    val: Split
    left: Mapping[str, str]  # the tensors that its start did not give it, and why; from scratch all
    checkpoint: Checkpoint

    def autocast(self) -> torch.autocast:
        """The precision that networks are computed in."""
        half = self.settings.precision == "bf16"
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=half)

    @property
    def batches(self) -> int:
        """Batches of an epoch."""
        return splits.parts(len(self.train), self.settings.batch_size)


def settings(run: str, own: Fit, shared: Fit) -> Fit:
    """How a run is fitted; what of it changes nothing is said."""
    for idle in own.idle(shared):
        print(f"models.{run}.fit.{idle}", flush=True)
    return own
