"""NBSVM (Wang and Manning, 2012): a linear model of the words in a text, weighed as naive Bayes would.

A word's weight for a class is log(p / q), p being its share of the words of that class and q of the others.
A linear model scales it, and each scale is mixed with the mean of all: between the model and naive Bayes.
In the paper the model is a support vector machine; here it is logistic regression, for its probabilities.
Paper: https://aclanthology.org/P12-2018
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from stages.core.inputs import Arrays
from stages.core.ranges import Count, Positive, Share
from stages.core.spec import Texts
from stages.counting.ngrams import counter, sentences


class NBSVM:
    """A weighed logistic regression for each class against the rest; of two classes, one for the second."""

    def __init__(
        self,
        *,
        classes: int,
        longest: int,
        smoothing: float,
        inverse_penalty: float,
        interpolation: float,
    ) -> None:
        self._told = range(1, 2) if classes == 2 else range(classes)
        self._counter = counter(longest, binary=True)
        self._smoothing = smoothing
        self._inverse_penalty = inverse_penalty
        self._interpolation = interpolation

    def fit(self, train: Arrays, val: Arrays) -> None:
        """Fit to texts (N, T); nothing is chosen on `val`."""
        seen = self._counter.fit_transform(sentences(train.x))
        weights, biases = zip(*(self._fit(seen, train.y == k) for k in self._told), strict=True)
        self._weights, self._biases = np.stack(weights, axis=1), np.array(biases)  # (V, K), (K)

    def _fit(self, seen: Any, hits: NDArray[Any]) -> tuple[NDArray[Any], float]:
        """The weights (V) and the bias by which the texts that are `hits` (N) stand out."""
        inside, outside = (self._smoothing + seen[rows].sum(axis=0).A1 for rows in (hits, ~hits))
        ratios = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
        model = LogisticRegression(C=self._inverse_penalty, solver="liblinear", dual=True, random_state=0)
        model.fit(seen.multiply(ratios).tocsr(), hits)
        own = model.coef_[0]
        mixed = self._interpolation * own + (1 - self._interpolation) * np.abs(own).mean()
        return ratios * mixed, float(model.intercept_[0])

    def answer(self, x: NDArray[Any]) -> NDArray[Any]:
        """(N, T) -> (N, K)"""
        logits: NDArray[Any] = self._counter.transform(sentences(x)) @ self._weights + self._biases
        return logits if len(self._told) > 1 else np.concatenate([np.zeros_like(logits), logits], axis=1)

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return int(self._weights.size + self._biases.size)


def build(
    spec: Texts,
    *,
    longest: Count = 2,
    smoothing: Positive = 1.0,
    inverse_penalty: Positive = 1.0,
    interpolation: Share = 0.5,
) -> NBSVM:
    """NBSVM on runs of up to `longest` words of the texts of `spec`.

    Args:
        inverse_penalty: C of the regression.
        interpolation: the share of the regression's own weights, beta in the paper.
    """
    return NBSVM(
        classes=len(spec.classes),
        longest=longest,
        smoothing=smoothing,
        inverse_penalty=inverse_penalty,
        interpolation=interpolation,
    )
