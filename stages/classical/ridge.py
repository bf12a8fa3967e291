"""Ridge regression (Hoerl and Kennard, 1970) from the window to the horizon, in closed form.

One map for all targets, each forecast from its own past, both less the last value seen. It minimises the mean
over the examples of |y - w x|^2, plus penalty * |w|^2; an example is one target of one window. The look-back
and the penalty are those of the least squared error on val.
"""

from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.core.inputs import Arrays
from stages.core.ranges import Count, Positive
from stages.core.spec import Series

_WINDOWS = 512  # at a time: they are copied, as float64

Matrix = NDArray[Any]  # float64


class Moments(NamedTuple):
    """Means over the examples of x x' (T, T), x y' (T, F) and y'y."""

    xx: Matrix
    xy: Matrix
    yy: float

    def shorter(self, steps: int) -> "Moments":
        """Of the last `steps` of x alone."""
        first = len(self.xx) - steps
        return Moments(self.xx[first:, first:], self.xy[first:], self.yy)

    def solve(self, penalty: float) -> Matrix:
        """The weights (T, F) that minimise the penalised error."""
        return np.linalg.solve(self.xx + penalty * np.eye(len(self.xx)), self.xy)

    def error(self, weights: Matrix) -> float:
        """The mean over the examples of |y - w x|^2."""
        return float(self.yy - 2 * (weights * self.xy).sum() + (weights * (self.xx @ weights)).sum())


class Ridge:
    """Every look-back is solved from the same sums: of a shorter one they are a block."""

    def __init__(self, *, targets: int, look_backs: tuple[int, ...], penalties: tuple[float, ...]) -> None:
        self._targets = targets
        self._look_backs = look_backs
        self._penalties = penalties

    def fit(self, train: Arrays, val: Arrays) -> None:
        """Solve for windows (N, T, C) and horizons (N, F, C); `val` chooses."""
        sums, held = (self._moments(split) for split in (train, val))
        best = np.inf
        for look_back, penalty in product(self._look_backs, self._penalties):
            steps = look_back - 1  # the last is what is taken off
            weights = sums.shorter(steps).solve(penalty)
            error = held.shorter(steps).error(weights)
            if error < best:
                best, self._weights = error, weights

    def answer(self, x: NDArray[Any]) -> NDArray[Any]:
        """(N, T, C) -> (N, F, C)"""
        look_back = len(self._weights) + 1
        past, last = _relative(x[:, -look_back:, : self._targets])
        forecast: NDArray[Any] = past @ self._weights.astype(x.dtype) + last
        return forecast.transpose(0, 2, 1)  # (N, C, F) -> (N, F, C)

    @property
    def parameters(self) -> int:
        """The weights of the chosen look-back."""
        return int(self._weights.size)

    def _moments(self, split: Arrays) -> Moments:
        steps, horizon = split.x.shape[1] - 1, split.y.shape[1]
        xx, xy, yy = np.zeros((steps, steps)), np.zeros((steps, horizon)), 0.0
        for first in range(0, len(split.x), _WINDOWS):
            rows = slice(first, first + _WINDOWS)
            past, last = _relative(split.x[rows, :, : self._targets].astype(np.float64))
            x = past.reshape(-1, steps)
            y = (split.y[rows].transpose(0, 2, 1) - last).reshape(-1, horizon)
            xx += x.T @ x
            xy += x.T @ y
            yy += float((y * y).sum())
        examples = len(split.x) * self._targets
        return Moments(xx / examples, xy / examples, yy / examples)


def _relative(x: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Of windows (N, T, C) the steps before the last, less the last (N, C, T - 1); and the last (N, C, 1)."""
    steps = x.transpose(0, 2, 1)
    last = steps[..., -1:]
    return steps[..., :-1] - last, last


def build(
    spec: Series,
    *,
    look_backs: tuple[Count, ...] = (),
    penalties: tuple[Positive, ...] = (0.0001, 0.001, 0.01, 0.1, 1.0),
) -> Ridge:
    """Ridge regression for the windows of `spec`.

    Args:
        look_backs: steps of the window to look at; where none is given all, and halves that hold a season.
        penalties: per example.

    Raises:
        ValueError: a look-back is longer than the window, or there is no penalty to choose.
    """
    longest = max(look_backs, default=0)
    if longest > spec.window:
        raise ValueError(f"look_backs must be at most the window of {spec.window}, got {longest}")
    if not penalties:
        raise ValueError("penalties must hold one at least, got []")
    return Ridge(targets=spec.targets, look_backs=look_backs or _halves(spec), penalties=penalties)


def _halves(spec: Series) -> tuple[int, ...]:
    halvings = range(spec.window.bit_length())
    return tuple(spec.window >> n for n in halvings if spec.window >> n >= spec.period)
