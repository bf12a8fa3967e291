"""Runs of words, counted by scikit-learn."""

from typing import Any

from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer

from stages.core.spec import PAD


def sentences(x: NDArray[Any]) -> list[str]:
    """Texts (N, T) as word numbers with spaces between, without padding."""
    return [" ".join(map(str, row[row != PAD].tolist())) for row in x]


def counter(longest: int, *, binary: bool = False) -> CountVectorizer:
    """Counts runs of up to `longest` words in `sentences`; `binary` ones are 1 where a run occurs at all."""
    return CountVectorizer(
        tokenizer=str.split, token_pattern=None, lowercase=False, ngram_range=(1, longest), binary=binary
    )
