"""Counts of words between their neighbours, smoothed by Witten and Bell (1991): guesses of a hidden word.

What is known of a word grows by a neighbour at a time, left and right in turn. As many counts as different
words have been seen between the same neighbours are lent to the guess with one neighbour less: where much
may stand, or little was seen, that decides.
Paper: "The zero-frequency problem" (IEEE Transactions on Information Theory 37, 4).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from stages.core import masking
from stages.core.inputs import Arrays
from stages.core.ranges import Count
from stages.core.spec import PAD, Texts
from stages.core.splits import parts

# Probabilities held at once: a large vocabulary over many words would take gigabytes.
_AT_ONCE = 2**22


class Level(NamedTuple):
    """The contexts of some neighbours by number, rising, and how often each word stands in them (M, V)."""

    known: NDArray[np.int64]
    counts: Any


class WittenBell:
    """Contexts of up to `reach` words to either side; beyond a text stands padding."""

    def __init__(self, spec: Texts, *, reach: int) -> None:
        self._spec = spec
        self._reach = reach

    def fit(self, train: Arrays, val: Arrays) -> None:
        """Count the words of texts (N, T), each between its neighbours; nothing is chosen on `val`."""
        from scipy.sparse import csr_matrix

        asked = masking.words(torch.from_numpy(train.x), self._spec).numpy()
        words, size = train.x[asked], len(self._spec.vocabulary)
        context, self._levels = np.zeros(len(words), np.int64), list[Level]()
        for neighbour, _ in self._neighbours(train.x, *asked.nonzero()):
            known, context = np.unique(self._number(context, neighbour), return_inverse=True)
            ones = np.ones(len(words))
            self._levels.append(Level(known, csr_matrix((ones, (context, words)), (len(known), size))))

    def guess(self, x: NDArray[Any], hidden: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Log-probabilities (M, V) of the M words of texts (N, T) that are `hidden` (N, T)."""
        texts, places = hidden.nonzero()
        logs = np.empty((len(texts), len(self._spec.vocabulary)), np.float32)
        for some in np.array_split(np.arange(len(texts)), parts(logs.size, _AT_ONCE)):
            logs[some] = np.log(self._shares(x, texts[some], places[some]))
        return logs

    def _shares(self, x: NDArray[Any], texts: NDArray[Any], places: NDArray[Any]) -> NDArray[np.float64]:
        """Probabilities (M, V) of the words of `texts` (M) at `places` (M)."""
        size = len(self._spec.vocabulary)
        shares = np.full((len(texts), size), 1 / size)
        context, rows = np.zeros(len(texts), np.int64), np.arange(len(texts))
        for (neighbour, tells), level in zip(self._neighbours(x, texts, places), self._levels, strict=True):
            number = self._number(context[rows], neighbour[rows])
            place = np.searchsorted(level.known, number).clip(max=len(level.known) - 1)
            seen = level.known[place] == number  # what begins with what was never seen was never seen either
            rows, place = rows[seen], place[seen]
            context[rows] = place
            told = tells[rows]
            found, lent = level.counts[place[told]].toarray(), rows[told]
            kinds = (found > 0).sum(axis=1, keepdims=True)
            shares[lent] = (found + kinds * shares[lent]) / (found.sum(axis=1, keepdims=True) + kinds)
        return shares

    @property
    def parameters(self) -> int:
        """Counts that are not zero."""
        return sum(level.counts.nnz for level in self._levels)

    def _neighbours(
        self, x: NDArray[Any], texts: NDArray[Any], places: NDArray[Any]
    ) -> Iterator[tuple[NDArray[Any], NDArray[np.bool_]]]:
        """Of words of `texts` at `places`, (M) each: none, one left, one right, two left, and so on.

        Beside, whether it tells anything (M): beyond the end of a text stands nothing new.
        """
        yield np.zeros(len(texts), np.int64), np.ones(len(texts), bool)
        framed = np.pad(x, ((0, 0), (self._reach, self._reach)), constant_values=PAD)
        for distance in range(1, self._reach + 1):
            for side in (-1, 1):
                at = places + self._reach + side * distance
                neighbour, nearer = framed[texts, at], framed[texts, at - side]
                yield neighbour, (neighbour != PAD) | (nearer != PAD)

    def _number(self, context: NDArray[np.int64], neighbour: NDArray[Any]) -> NDArray[np.int64]:
        """Contexts (M) that have one neighbour more (M); one may be masked too."""
        number: NDArray[np.int64] = context * (len(self._spec.vocabulary) + 1) + neighbour
        return number


def build(spec: Texts, *, reach: Count = 2) -> WittenBell:
    """Counts of the words of `spec` between up to `reach` words to either side."""
    return WittenBell(spec, reach=reach)
