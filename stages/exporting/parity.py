"""Whether an exported file is still the network: its outputs beside torch's, and how long it takes."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stages.core import inputs
from stages.core.errors import UserError
from stages.core.spec import Spec
from stages.core.splits import Split
from stages.exporting import usage
from stages.exporting.onnx_file import Session
from stages.modelling.shipping import Shipped

# float32 rounds at 6e-8 a step; a network's worth of steps stays far below this, a wrong graph far above.
_TOLERANCE = 1e-4

Array = NDArray[np.float32]


class Said(NamedTuple):
    """One output (N, ...) as torch and as onnxruntime have it."""

    ours: Array
    theirs: Array


def outputs(shipped: Shipped, session: Session, spec: Spec, test: Split) -> dict[str, Said]:
    """Every output of a part, by name, for every example of `test`."""
    cpu = torch.device("cpu")
    said = [both(shipped, session, batch.x) for _, batch in inputs.walk(test, spec, device=cpu)]
    return {
        name: Said(*(np.concatenate(side) for side in zip(*(batch[name] for batch in said), strict=True)))
        for name in shipped.outputs
    }


@torch.inference_mode()
def both(shipped: Shipped, session: Session, x: Tensor) -> dict[str, Said]:
    """The same for standardised examples (B, ...)."""
    given = shipped.given(x)
    ours = shipped.part(*given)
    theirs = session(*(one.contiguous().numpy() for one in given))
    ours = ours if isinstance(ours, tuple) else (ours,)
    return {
        name: Said(one.float().numpy(), other)
        for name, one, other in zip(shipped.outputs, ours, theirs, strict=True)
    }


def latency(shipped: Shipped, session: Session, spec: Spec) -> dict[str, float]:
    """Milliseconds for one example and for 32 at once, each the median of 30 calls."""
    told = {}
    for batch in (1, 32):
        with torch.inference_mode():
            given = [one.contiguous().numpy() for one in shipped.given(usage.example(spec, batch))]
        seconds = []
        for _ in range(30):
            start = time.perf_counter()
            session(*given)
            seconds.append(time.perf_counter() - start)
        told[f"milliseconds_batch_{batch}"] = 1e3 * median(seconds)
    return told


def prove(said: dict[str, Said], *, run: str) -> dict[str, float]:
    """By how much torch's and onnxruntime's outputs differ, and how often logits name one class.

    Raises:
        UserError: more than rounding explains; the file must not be used.
    """
    differences = [_difference(one, run) for one in said.values()]
    report = {"max_abs_difference": max(differences), "n": len(next(iter(said.values())).ours)}
    if "logits" not in said:
        return report
    ours, theirs = said["logits"]
    agreement = float((ours.argmax(axis=1) == theirs.argmax(axis=1)).mean())
    if agreement < 1:
        raise UserError(
            f"the export of {run} is not its network: both name the same class {agreement:.2%} of the time, "
            "it must be 100 %"
        )
    return report | {"argmax_agreement": agreement}


def together(reports: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """One report on all parts of a network: their size in sum, the rest as the worst of them has it."""
    worst: dict[str, Callable[[list[float]], float]]
    worst = {"size_bytes": sum, "max_abs_difference": max, "n": min, "argmax_agreement": min}
    return {
        key: fold([report[key] for report in reports])
        for key, fold in worst.items()
        if all(key in report for report in reports)
    }


def told(report: Mapping[str, float], parts: Iterable[str]) -> str:
    """The report on a network that is shipped in those parts, in words."""
    names = ", ".join(f"{name}.onnx" for name in parts)
    is_agreed = "argmax_agreement" in report  # or `prove` refused it
    agreed = ", each in the class that PyTorch names" if is_agreed else ""
    proof = f"at most {report['max_abs_difference']:.2g} from PyTorch on {report['n']:,} test examples"
    return f"{names}, {report['size_bytes']:,} bytes, {proof}{agreed}"


def _difference(said: Said, run: str) -> float:
    difference = float(np.abs(said.ours - said.theirs).max())
    scale = max(1.0, float(np.abs(said.ours).max()))
    if not difference <= _TOLERANCE * scale:  # what is no number is no proof
        raise UserError(
            f"the export of {run} is not its network: outputs differ by {difference:.2g}, "
            f"rounding of float32 explains {_TOLERANCE * scale:.2g}"
        )
    return difference
