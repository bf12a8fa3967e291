"""What a run answers to the examples of a data set, split by split."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from stages.core import paths, pixels, splits
from stages.core.spec import Spec
from stages.core.splits import Split
from stages.judging.verdict import Judged

# A classical method pays for every call: larger batches than a network's.
CLASSICAL_BATCH = 4096

Answer = Callable[[Tensor], NDArray[Any]]  # standardised inputs (B, ...) -> outputs (B, K)


def judge(
    dataset: str, spec: Spec, answer: Answer, *, device: torch.device, batch_size: int
) -> tuple[dict[str, Judged], float]:
    """The answers to all examples of every split, in order, and how many came a second."""
    parts = {split: splits.load(dataset, split) for split in paths.SPLITS}
    judged = {}
    started = time.perf_counter()
    for split, part in parts.items():
        batches = pixels.in_order(part, spec, device=device, size=batch_size)
        outputs = np.concatenate([answer(batch.x) for batch in batches]).astype(np.float32)
        judged[split] = Judged(x=part.x.numpy(), y=part.y.numpy(), outputs=outputs)
    return judged, sum(map(len, parts.values())) / (time.perf_counter() - started)


def network(model: nn.Module) -> Answer:
    """The answers of a network in evaluation mode."""

    @torch.inference_mode()
    def answer(x: Tensor) -> NDArray[Any]:
        outputs: NDArray[Any] = model(x).cpu().numpy()
        return outputs

    return answer


def classical(logits: Callable[[NDArray[Any]], NDArray[Any]]) -> Answer:
    """The answers of a method that takes its inputs as rows."""
    return lambda x: logits(x.flatten(1).numpy())  # (B, C, H, W) -> (B, D)


def rows(split: Split, spec: Spec) -> NDArray[Any]:
    """All inputs of a split, standardised, one row (C * H * W) each."""
    batches = pixels.in_order(split, spec, device=torch.device("cpu"), size=CLASSICAL_BATCH)
    return np.concatenate([batch.x.flatten(1).numpy() for batch in batches])
