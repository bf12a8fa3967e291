"""Multinomial naive Bayes (Maron, 1961) on counts of words and of runs of words."""

from typing import Any

from numpy.typing import NDArray
from sklearn.naive_bayes import MultinomialNB

from stages.core.inputs import Arrays
from stages.core.ranges import Count, Positive
from stages.core.spec import Texts
from stages.counting.ngrams import counter, sentences


class NaiveBayes:
    """scikit-learn's, with classes as likely as they are in the train split."""

    def __init__(self, *, longest: int, smoothing: float) -> None:
        self._counter = counter(longest)
        self._smoothing = smoothing

    def fit(self, train: Arrays, val: Arrays) -> None:
        """Count the words of texts (N, T); nothing is chosen on `val`."""
        counts = self._counter.fit_transform(sentences(train.x))
        self._model = MultinomialNB(alpha=self._smoothing).fit(counts, train.y)

    def answer(self, x: NDArray[Any]) -> NDArray[Any]:
        """(N, T) -> (N, K): joint log-probabilities."""
        logs: NDArray[Any] = self._model.predict_joint_log_proba(self._counter.transform(sentences(x)))
        return logs

    @property
    def parameters(self) -> int:
        """Log-probabilities of words and of classes."""
        return int(self._model.feature_log_prob_.size + self._model.class_log_prior_.size)


def build(spec: Texts, *, longest: Count = 2, smoothing: Positive = 1.0) -> NaiveBayes:
    """Naive Bayes on runs of up to `longest` words of the texts of `spec`."""
    return NaiveBayes(longest=longest, smoothing=smoothing)
