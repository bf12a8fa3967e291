"""NBSVM (Wang and Manning, 2012): a linear model of the words in a text, weighed as naive Bayes would.

A word's weight for a class is log(p / q), p being its share of the words of that class and q of the others.
In the paper a support vector machine follows; here it is logistic regression, for its probabilities.
Paper: https://aclanthology.org/P12-2018
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from stages.core.inputs import Arrays
from stages.core.ranges import Count, Positive
from stages.core.spec import Texts
from stages.judging.ngrams import counter, sentences


class NBSVM:
    """A weighed logistic regression for each class against the rest; of two classes, one for the second."""

    def __init__(self, *, classes: int, longest: int, smoothing: float, inverse_penalty: float) -> None:
        self._told = range(1, 2) if classes == 2 else range(classes)
        self._counter = counter(longest, binary=True)
        self._smoothing = smoothing
        self._inverse_penalty = inverse_penalty

    def fit(self, train: Arrays, val: Arrays) -> None:
        """Fit to texts (N, T); nothing is chosen on `val`."""
        seen = self._counter.fit_transform(sentences(train.x))
        self._models = [self._fit(seen, train.y == k) for k in self._told]

    def _fit(self, seen: Any, hits: NDArray[Any]) -> tuple[NDArray[Any], LogisticRegression]:
        inside, outside = (self._smoothing + seen[rows].sum(axis=0).A1 for rows in (hits, ~hits))
        weights = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
        model = LogisticRegression(C=self._inverse_penalty, solver="liblinear", dual=True, random_state=0)
        return weights, model.fit(seen.multiply(weights).tocsr(), hits)

    def answer(self, x: NDArray[Any]) -> NDArray[Any]:
        """(N, T) -> (N, K)"""
        seen = self._counter.transform(sentences(x))
        logits = np.stack([m.decision_function(seen.multiply(w).tocsr()) for w, m in self._models], axis=1)
        if len(self._models) > 1:
            return logits
        return np.concatenate([np.zeros_like(logits), logits], axis=1)

    @property
    def parameters(self) -> int:
        """Weights of words for each class, by naive Bayes and by regression, and biases."""
        return sum(2 * weights.size + 1 for weights, _ in self._models)


def build(
    spec: Texts, *, longest: Count = 2, smoothing: Positive = 1.0, inverse_penalty: Positive = 1.0
) -> NBSVM:
    """NBSVM on runs of up to `longest` words of the texts of `spec`; `inverse_penalty` is its C."""
    return NBSVM(
        classes=len(spec.classes), longest=longest, smoothing=smoothing, inverse_penalty=inverse_penalty
    )
