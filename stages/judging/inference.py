"""What a run answers to raw examples, split by split."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from stages.core import pixels
from stages.core.spec import Spec
from stages.core.splits import Batch, Split
from stages.judging.verdict import Judged

# Fixed: sums over batches of another size round differently. A network's batch stays in the cache of the
# processor; a classical method pays for every call.
NETWORK_BATCH = 256
CLASSICAL_BATCH = 4096

Answer = Callable[[Batch], NDArray[Any]]


def judge(split: Split, answer: Answer, *, batch_size: int) -> Judged:
    """The answers to all examples of a split, in order."""
    outputs = [answer(batch) for batch in split.batches(batch_size)]
    return Judged(x=split.x.numpy(), y=split.y.numpy(), outputs=np.concatenate(outputs).astype(np.float32))


def network(model: nn.Module, spec: Spec, device: torch.device) -> Answer:
    """The answers of a network that is on `device` and in evaluation mode."""

    @torch.inference_mode()
    def answer(batch: Batch) -> NDArray[Any]:
        outputs: NDArray[Any] = model(_inputs(batch.x.to(device), spec)).cpu().numpy()
        return outputs

    return answer


def classical(logits: Callable[[NDArray[Any]], NDArray[Any]], spec: Spec) -> Answer:
    """The answers of a method that takes its inputs as rows."""
    return lambda batch: logits(_rows(batch.x, spec))


def rows(split: Split, spec: Spec) -> NDArray[Any]:
    """All inputs of a split, standardised, one row (C * H * W) each."""
    return np.concatenate([_rows(batch.x, spec) for batch in split.batches(CLASSICAL_BATCH)])


def _inputs(x: Tensor, spec: Spec) -> Tensor:
    return pixels.standardise(pixels.unit(x), spec)


def _rows(x: Tensor, spec: Spec) -> NDArray[Any]:
    flat: NDArray[Any] = _inputs(x, spec).flatten(1).numpy()  # (B, C, H, W) -> (B, D)
    return flat
