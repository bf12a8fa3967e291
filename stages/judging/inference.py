"""What a run answers to the examples of a data set, split by split."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from stages.core import inputs, paths, splits
from stages.core.spec import Spec
from stages.judging.verdict import Judged

Answer = Callable[[Tensor], NDArray[Any]]  # inputs (B, ...) as networks take them -> outputs (B, ...)


def judge(
    spec: Spec, answer: Answer, *, device: torch.device, batch_size: int
) -> tuple[dict[str, Judged], float]:
    """The answers to all examples of every split, in order, and how many came a second."""
    parts = {name: splits.load(spec, name) for name in paths.SPLITS}
    judged = {}
    started = time.perf_counter()
    for name, split in parts.items():
        outputs = np.empty((len(split), *spec.outputs), np.float32)
        targets = torch.empty_like(split.y, memory_format=torch.contiguous_format)
        for rows, batch in inputs.walk(split, spec, device=device, size=batch_size):
            outputs[rows.numpy()] = answer(batch.x)
            targets[rows] = batch.y.cpu()
        judged[name] = Judged(x=split.x.numpy(), y=targets.numpy(), outputs=outputs)
    return judged, sum(map(len, parts.values())) / (time.perf_counter() - started)


def network(model: nn.Module) -> Answer:
    """The answers of a network in evaluation mode."""

    @torch.inference_mode()
    def answer(x: Tensor) -> NDArray[Any]:
        outputs: NDArray[Any] = model(x).cpu().numpy()
        return outputs

    return answer


def classical(answer: Callable[[NDArray[Any]], NDArray[Any]]) -> Answer:
    """The answers of a method that knows no tensors."""
    return lambda x: answer(x.contiguous().numpy())
