"""What a run said of the test split, on disk: runs and revisions can be compared example by example."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stages.core import files, paths
from stages.core.errors import UserError

if TYPE_CHECKING:
    from stages.judging.verdict import Judged


def write(run: str, judged: "Mapping[str, Judged]") -> None:
    """What was said of test, and of what a task asks beside the splits, together with those examples.

    Raises:
        UserError: an output, of whatever split, is not a finite number.
    """
    for split, answers in judged.items():
        _check_finite(run, split, answers.outputs)
    test = judged["test"]
    said = {"outputs": test.outputs, "y": test.y}
    for name in judged.keys() - set(paths.SPLITS):
        said |= {f"{name}.x": judged[name].x, f"{name}.outputs": judged[name].outputs}
    files.write_tensors(paths.predictions(run), said)


def _check_finite(run: str, split: str, outputs: NDArray[np.float32]) -> None:
    broken = int((~np.isfinite(outputs.reshape(len(outputs), -1))).any(axis=1).sum())
    if broken:
        raise UserError(f"{run}: outputs must be finite, got {broken} of {len(outputs)} {split} that are not")
