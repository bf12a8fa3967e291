"""Whether an exported file is still the network: its outputs beside torch's, and how long it takes."""

import time
from statistics import median

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from stages.core import inputs
from stages.core.errors import UserError
from stages.core.spec import Spec
from stages.core.splits import Split
from stages.exporting import usage
from stages.exporting.onnx_file import Session

# float32 rounds at 6e-8 a step; a network's worth of steps stays far below this, a wrong graph far above.
_TOLERANCE = 1e-4

Array = NDArray[np.float32]


def outputs(model: nn.Module, session: Session, spec: Spec, test: Split) -> tuple[Array, Array]:
    """The outputs (N, ...) of every example of `test`, by torch and by onnxruntime."""
    ours, theirs = [], []
    for _, batch in inputs.walk(test, spec, device=torch.device("cpu")):
        with torch.inference_mode():
            ours.append(model(batch.x).numpy())
        theirs.append(session(batch.x.contiguous().numpy()))
    return np.concatenate(ours), np.concatenate(theirs)


def latency(session: Session, spec: Spec) -> dict[str, float]:
    """Milliseconds for one example and for 32 at once, each the median of 30 calls."""
    told = {}
    for batch in (1, 32):
        x = usage.example(spec, batch).numpy()
        seconds = []
        for _ in range(30):
            start = time.perf_counter()
            session(x)
            seconds.append(time.perf_counter() - start)
        told[f"milliseconds_batch_{batch}"] = 1e3 * median(seconds)
    return told


def prove(ours: Array, theirs: Array, *, run: str) -> dict[str, float]:
    """By how much torch's and onnxruntime's outputs (N, ...) differ, and how often logits name one class.

    Raises:
        UserError: more than rounding explains; the file must not be used.
    """
    difference, scale = float(np.abs(ours - theirs).max()), max(1.0, float(np.abs(ours).max()))
    if difference > _TOLERANCE * scale:
        raise UserError(
            f"the export of {run} is not its network: outputs differ by {difference:.2g}, "
            f"rounding explains {_TOLERANCE * scale:.2g}"
        )
    report = {"max_abs_difference": difference, "n": len(ours)}
    if ours.ndim > 2:  # not logits
        return report
    agreement = float((ours.argmax(axis=1) == theirs.argmax(axis=1)).mean())
    if agreement < 1:
        raise UserError(
            f"the export of {run} is not its network: both name the same class {agreement:.2%} of the time, "
            "it must be 100 %"
        )
    return report | {"argmax_agreement": agreement}
