"""From a text to its words, and from words to numbers."""

import re
import unicodedata
from functools import partial

import numpy as np
from numpy.typing import NDArray

_WORD = r"[^\W_]+(?:'[^\W_]+)*"
_WORDS = re.compile(_WORD)
_WORDS_AND_SIGNS = re.compile(rf"{_WORD}|\S")
_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"


def words(text: str, *, lower: bool, punctuation: bool) -> list[str]:
    """The runs of letters and digits of `text`, apostrophes within them kept.

    With `punctuation` every other sign but space is a word of its own. What Unicode has two ways to write is
    taken as one, and so are the two apostrophes.
    """
    text = unicodedata.normalize("NFC", text.lower() if lower else text)
    pattern = _WORDS_AND_SIGNS if punctuation else _WORDS
    return pattern.findall(text.replace(_APOSTROPHE, "'"))


class Numbers(dict[str, int]):
    """Word -> number, in the order of first use; a new word gets the next one."""

    def __init__(self, *, lower: bool, punctuation: bool) -> None:
        self._split = partial(words, lower=lower, punctuation=punctuation)

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number

    def of(self, text: str) -> NDArray[np.int32]:
        """The numbers (T) of the words of a text."""
        return np.fromiter(map(self.__getitem__, self._split(text)), np.int32)
