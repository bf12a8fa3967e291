"""How near two sets of feature vectors (N, D) are as distributions."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stages.core import splits

Array = NDArray[np.float32]

_AT_ONCE = 1024  # rows of a matrix of distances
# Squared distances below this part of the squares that they are the difference of are rounding.
_ROUNDING = 1e-6


class Normal(NamedTuple):
    """A normal law: its mean (D), and a `root` (D, R) of its covariance, root root^T."""

    mean: Tensor
    root: Tensor


class Overlap(NamedTuple):
    """What share of the said lies among the real, and of the real among the said."""

    precision: float
    recall: float


def scores(features: Mapping[str, Array], *, neighbours: int) -> dict[str, float]:
    """How near `samples` are to `test` and `val`, and as floors how near `train` is to `test`."""
    laws = {name: normal(each) for name, each in features.items()}
    said = {"": features["samples"], "_floor": features["train"]}
    return {
        "frechet_distance": frechet(laws["samples"], laws["test"]),
        "frechet_floor": frechet(laws["train"], laws["test"]),
        "val_frechet_distance": frechet(laws["samples"], laws["val"]),
    } | {
        f"{name}{suffix}": share
        for suffix, overlap in overlaps(features["test"], said, neighbours=neighbours).items()
        for name, share in overlap._asdict().items()
    }


@contextmanager
def _one_thread() -> Iterator[None]:
    """Threads of a decomposition wait for each other: beside other work, two took a hundred times as long."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@_one_thread()
def normal(features: Array) -> Normal:
    """The normal law of the mean and the covariance of features (N, D), N at least 2.

    Of fewer examples than features the covariance is singular, and its root has less than N columns.
    """
    x = torch.from_numpy(features).double()
    mean = x.mean(dim=0)
    centred = x - mean
    values, vectors = torch.linalg.eigh(centred.T @ centred / (len(x) - 1))
    kept = values > len(values) * torch.finfo(torch.float64).eps * values[-1]
    return Normal(mean, vectors[:, kept] * values[kept].sqrt())


@_one_thread()
def frechet(first: Normal, second: Normal) -> float:
    """The squared Frechet distance of two normal laws, |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)).

    The trace of (C1 C2)^(1/2) is the sum of the singular values of root1^T root2, which needs no root of a
    matrix that is not symmetric. Estimated from few examples the distance is too large, the more so the more
    features there are: compare it with that of as many examples of the same law.
    Papers: Dowson and Landau 1982; Heusel et al. 2017 (arXiv 1706.08500).
    """
    shared = torch.linalg.svdvals(first.root.T @ second.root).sum()
    spread = first.root.square().sum() + second.root.square().sum() - 2 * shared
    return max(0.0, float((first.mean - second.mean).square().sum() + spread))  # below 0 by rounding alone


def overlaps(real: Array, said: Mapping[str, Array], *, neighbours: int) -> dict[str, Overlap]:
    """Precision and recall of each set of features (M, D) against the real ones (N, D).

    A set covers the balls around its points that each reach to the point's nearest neighbour of that rank
    in the set. Precision is the share of what is said that the real set covers: how good the samples are.
    Recall is the share of the real that is covered by what is said: how much of the real they show.
    `neighbours` is less than N and M.
    Paper: Kynkaanniemi et al. 2019 (arXiv 1904.06991).
    """
    origin = torch.from_numpy(real).mean(dim=0)  # nearer to it differences of squares round less
    there = torch.from_numpy(real) - origin
    reach = _reach(there, neighbours)
    found = {}
    for name, features in said.items():
        here = torch.from_numpy(features) - origin
        found[name] = _overlap(there, reach, here, _reach(here, neighbours))
    return found


def _overlap(real: Tensor, reach: Tensor, said: Tensor, reach_said: Tensor) -> Overlap:
    covered, covering = torch.zeros(len(real), dtype=torch.bool), []
    parts = splits.parts(len(said), _AT_ONCE)
    for part, radii in zip(said.tensor_split(parts), reach_said.tensor_split(parts), strict=True):
        squares = _squares(part, real)
        covering.append((squares <= reach).any(dim=1))
        covered |= (squares <= radii[:, None]).any(dim=0)
    return Overlap(float(torch.cat(covering).double().mean()), float(covered.double().mean()))


def _reach(x: Tensor, neighbours: int) -> Tensor:
    """The squared distance (N) of each point to its neighbour of that rank among the others."""
    found = []
    for first in range(0, len(x), _AT_ONCE):
        squares = _squares(x[first : first + _AT_ONCE], x)
        rows = torch.arange(len(squares))
        squares[rows, first + rows] = torch.inf  # a point is no neighbour of its own
        found.append(squares.topk(neighbours, dim=1, largest=False).values[:, -1])
    return torch.cat(found)


def _squares(x: Tensor, y: Tensor) -> Tensor:
    """Squared distances (N, M) of points (N, D) and (M, D); those of equal points are 0 exactly."""
    sums = x.square().sum(dim=1)[:, None] + y.square().sum(dim=1)
    squares = torch.addmm(sums, x, y.T, alpha=-2)
    return squares.masked_fill_(squares < _ROUNDING * sums, 0)
