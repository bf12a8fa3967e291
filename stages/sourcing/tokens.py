"""From a text to its words, and from words to numbers."""

import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.core.spec import PAD, UNKNOWN

Lines = Sequence[NDArray[np.int32]]  # of each text the numbers (T) of its words

_SPECIAL = ("<pad>", "<unk>")
_NONE = np.zeros(0, np.int32)

_LETTER = r"[^\W_]"  # or a digit
_MARKS = ("Mn", "Mc")  # those that combine with the letter before them, as vowel signs do
_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"


@cache
def pattern(*, punctuation: bool) -> str:
    """The regular expression of a word: letters, digits and the marks on them, apostrophes between them.

    With `punctuation` every other sign but space is a word of its own.
    """
    # No mark is ASCII, as most signs behind a word are: they need not be held against all of the marks.
    mark = rf"(?![\x00-\x7f])[{''.join(f'{_escaped(first)}-{_escaped(last)}' for first, last in _marks())}]"
    word = rf"{_LETTER}+(?:(?:'(?={_LETTER})|{mark}){_LETTER}*)*"
    return rf"{word}|\S" if punctuation else word


def words(text: str, *, lower: bool, punctuation: bool) -> list[str]:
    """The words of `text`, by `pattern`.

    What Unicode has two ways to write is taken as one, and so are the two apostrophes.
    """
    text = unicodedata.normalize("NFC", text)
    if lower:
        # Lower case may leave a letter and a mark that go together.
        text = unicodedata.normalize("NFC", text.lower())
    return _compiled(punctuation=punctuation).findall(text.replace(_APOSTROPHE, "'"))


@cache
def _compiled(*, punctuation: bool) -> re.Pattern[str]:
    return re.compile(pattern(punctuation=punctuation))


def _marks() -> Iterator[tuple[int, int]]:
    """The first and the last of each run of marks."""
    first = None
    for code in range(sys.maxunicode + 1):
        marked = unicodedata.category(chr(code)) in _MARKS
        if marked and first is None:
            first = code
        elif not marked and first is not None:
            yield first, code - 1
            first = None


def _escaped(code: int) -> str:
    return rf"\u{code:04x}" if code <= 0xFFFF else rf"\U{code:08x}"


class Table(NamedTuple):
    """From the numbers of a reader to those of a vocabulary (V): `place` (N) has one for each.

    `before` and `behind` are put around each text; they count towards its length.
    """

    vocabulary: tuple[str, ...]
    place: NDArray[np.int32]
    unknown: int = UNKNOWN
    before: NDArray[np.int32] = _NONE
    behind: NDArray[np.int32] = _NONE

    @property
    def around(self) -> int:
        """How many numbers are put around a text."""
        return len(self.before) + len(self.behind)

    def row(self, line: NDArray[np.int32], length: int) -> NDArray[np.int32]:
        """A text as it goes to disk: its first words, at most `length` with what is put around them."""
        return np.concatenate([self.before, self.place[line[: length - self.around]], self.behind])


def arrays(splits: Mapping[str, Lines], table: Table, length: int) -> dict[str, dict[str, NDArray[Any]]]:
    """Numbers of the vocabulary, filled up behind to the longest text, and the lengths.

    Raises:
        ValueError: no word has room in `length`.
    """
    if length <= table.around:
        raise ValueError(
            f"length must be greater than {table.around}, which stand around a text, got {length}"
        )
    rows = {name: [table.row(line, length) for line in lines] for name, lines in splits.items()}
    lengths = {name: np.array([len(row) for row in its], np.int32) for name, its in rows.items()}
    longest = max(int(each.max()) for each in lengths.values())
    found = {}
    for name, its in rows.items():
        x = np.full((len(its), longest), PAD, np.int32)
        x[np.arange(longest) < lengths[name][:, None]] = np.concatenate(its)
        found[name] = {"x": x, "lengths": lengths[name]}
    return found


class Numbers(dict[str, int]):
    """Word -> number, in the order of first use; a new word gets the next one."""

    def __init__(self, *, lower: bool, punctuation: bool) -> None:
        self._split = partial(words, lower=lower, punctuation=punctuation)
        # How words are told from each other, as `spec.Texts` has it.
        self.rules: dict[str, Any] = {
            "lower": lower,
            "punctuation": punctuation,
            "words": pattern(punctuation=punctuation),
            "special": (PAD, UNKNOWN),
        }

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number

    def of(self, text: str) -> NDArray[np.int32]:
        """The numbers (T) of the words of a text."""
        return np.fromiter(map(self.__getitem__, self._split(text)), np.int32)

    def table(self, lines: Lines, *, most: int, least: int) -> Table:
        """The vocabulary of the words that stand in `lines` most often, equal ones by the alphabet.

        Raises:
            ValueError: no word is that frequent.
        """
        counts = np.bincount(np.concatenate(lines), minlength=len(self)).tolist()
        frequent = sorted((-count, word) for word, count in zip(self, counts, strict=True) if count >= least)
        if not frequent:
            told = f"the most frequent has {max(counts)}, got {least}"
            raise ValueError(f"min_frequency must leave words, {told}")
        vocabulary = (*_SPECIAL, *(word for _, word in frequent[:most]))
        place = np.full(len(self), UNKNOWN, np.int32)
        known = [self[word] for word in vocabulary[len(_SPECIAL) :]]
        place[known] = np.arange(len(_SPECIAL), len(vocabulary))
        return Table(vocabulary, place)
