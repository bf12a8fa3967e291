"""The evidence lower bound of images, for runs that have one."""

from math import log, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core import inputs
from stages.core.errors import UserError
from stages.core.spec import Images
from stages.core.splits import Split
from stages.judging.columns import Column
from stages.judging.subject import Subject

ELBO = Column(
    "elbo",
    "ELBO in nats",
    "higher",
    ".2f",
    "evidence lower bound: the mean log-likelihood of a test image is at least that; few networks know it",
)


def lower_bound(subject: Subject, split: Split) -> NDArray[np.float64]:
    """What the function `elbo` of a run says of every image (N), in nats.

    Raises:
        UserError: a bound is not finite.
    """
    batches = inputs.walk(split, subject.spec, device=subject.device, size=subject.batch_size)
    elbo = np.concatenate([subject.ask("elbo", batch.x) for _, batch in batches]).astype(np.float64)
    broken = int((~np.isfinite(elbo)).sum())
    if broken:
        raise UserError(f"{subject.run}: elbo must be finite, got {broken} of {len(elbo)} that are not")
    return elbo


def scores(spec: Images, elbo: NDArray[Any] | None) -> dict[str, float | None]:
    """The mean of bounds (N) in nats, and bits for each channel of a pixel.

    Grey pixels as targets of a Bernoulli law have no density of discrete pixels: the bits compare runs with
    such a law among each other, not with those of papers. All are None without bounds.
    """
    mean = None if elbo is None else float(elbo.mean())
    return {
        "elbo": mean,
        "bits_per_dimension": None if mean is None else -mean / (log(2) * prod(spec.shape)),
    }
