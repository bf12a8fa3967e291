"""What a run says of the examples of a data set, split by split."""

import numpy as np
import torch
from numpy.typing import NDArray

from stages.core import inputs, paths, splits
from stages.core.errors import UserError
from stages.core.splits import Split
from stages.judging.subject import Subject
from stages.judging.verdict import Judged


def every_split(
    subject: Subject, *, shape: tuple[int, ...], beside: tuple[str, ...] = ()
) -> dict[str, Judged]:
    """The outputs for all examples of every split, in order, and what functions `beside` say of test.

    Args:
        shape: that of one output, without the batch axis.
        beside: names of functions, asked about test alone, where the subject has them.

    Raises:
        UserError: its outputs are of another shape: it is for another task.
    """
    parts = {name: splits.load(subject.spec, name) for name in paths.SPLITS}
    return {
        name: over(subject, split, shape=shape, beside=beside if name == "test" else ())
        for name, split in parts.items()
    }


def over(subject: Subject, split: Split, *, shape: tuple[int, ...], beside: tuple[str, ...] = ()) -> Judged:
    """The same for the examples of one split."""
    asked = ("forward", *filter(subject.can, beside))
    said: dict[str, NDArray[np.float32]] = {}
    targets = torch.empty_like(split.y, memory_format=torch.contiguous_format)
    for rows, batch in inputs.walk(split, subject.spec, device=subject.device, size=subject.batch_size):
        for name in asked:
            answer = subject.ask(name, batch.x)
            if name not in said:
                said[name] = np.empty((len(split), *answer.shape[1:]), np.float32)
                _check(subject, said["forward"], shape)
            said[name][rows.numpy()] = answer
        targets[rows] = batch.y.cpu()
    return Judged(x=split.x.numpy(), y=targets.numpy(), outputs=said.pop("forward"), beside=said)


def _check(subject: Subject, outputs: NDArray[np.float32], shape: tuple[int, ...]) -> None:
    if outputs.shape[1:] != shape:
        got = outputs.shape[1:]
        raise UserError(f"{subject.at}: its task must be given outputs of shape {shape}, got {got}")
