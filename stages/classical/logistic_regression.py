"""Logistic regression (Cox, 1958): linear in the inputs, the likelihood maximised by L-BFGS.

The penalty is l2 / 2 * |w|^2 beside the mean loss, so that the default suits 1,000 examples and 60,000 alike.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression as Model

from stages.core.errors import UserError
from stages.core.inputs import Arrays
from stages.core.ranges import Count, Positive
from stages.core.spec import Images


class LogisticRegression:
    """scikit-learn's, with its penalty per example."""

    def __init__(self, *, l2: float, iterations: int) -> None:
        self._l2 = l2
        self._iterations = iterations

    def fit(self, train: Arrays, val: Arrays) -> None:
        """Fit to images (N, C, H, W); nothing is chosen on `val`."""
        penalty = 1 / (self._l2 * len(train.y))
        model = Model(C=penalty, max_iter=self._iterations, tol=1e-3)
        self._model = model.fit(train.x.reshape(len(train.x), -1), train.y)

    def answer(self, x: NDArray[Any]) -> NDArray[Any]:
        """(N, C, H, W) -> (N, K)"""
        scores: NDArray[Any] = self._model.decision_function(x.reshape(len(x), -1))
        # Of two classes scikit-learn keeps the difference alone.
        return scores if scores.ndim == 2 else np.stack([np.zeros_like(scores), scores], axis=1)

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return int(self._model.coef_.size + self._model.intercept_.size)


def build(spec: Images, *, l2: Positive = 0.001, iterations: Count = 200) -> LogisticRegression:
    """Logistic regression for the classes of `spec`.

    Raises:
        UserError: the train split lacks one of them.
    """
    if 0 in spec.counts["train"]:
        told = f"got {spec.dataset!r} with none of {spec.classes[spec.counts['train'].index(0)]!r}"
        raise UserError(f"logistic_regression must be given train images of every class, {told}")
    return LogisticRegression(l2=l2, iterations=iterations)
