"""Texts, drawn: word by word, each as dark as it weighs, for something or against it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from numpy.typing import NDArray

from stages.core.spec import PAD, Texts
from stages.judging import figures, lettering
from stages.judging.lettering import ELLIPSIS

FOR, AGAINST = "#f2b134", "#7db4e6"
LINES = 4  # of a text that are shown

_MARGIN, _LEFT, _WIDTH = 0.15, 1.75, 7.0  # inches: of the picture; where texts begin, how wide they are
_LINE, _SPACE = 0.21, 0.055  # inches of a text: from line to line, and between words
_TITLE, _PITCH = 0.45, 0.19  # inches: how high the title is, and from line to line of it
_SIZE = 9.5  # points

Line = list[tuple[int, float]]  # words by their place in the text, and the inch at which each begins


class Passage(NamedTuple):
    """A text with lines beside it, the first of them red where it is `wrong`, and what each word weighs.

    A word that speaks against something weighs less than 0.
    `faint` is a word without meaning of its own: what stands for one that is not in the vocabulary.
    """

    words: Sequence[str]
    beside: Sequence[str]
    wrong: bool
    weights: NDArray[Any] | None = None  # (T)
    faint: str = ""


def unit(spec: Texts) -> str:
    """What texts are made of, as a reader would call it."""
    return "pieces of words" if spec.tokenizer else "words"


def read(row: NDArray[Any], spec: Texts) -> list[str]:
    """The words of a text (T)."""
    return [spec.vocabulary[number] for number in row[row != PAD]]


def draw(title: str, passages: Sequence[Passage]) -> Figure:
    """Texts under each other, each wrapped; of a long one the lines around the word that weighs most.

    What stands on a second line of the title explains the first.
    """
    lines = [wrap(passage.words) for passage in passages]
    heights = [
        _LINE * (max(min(len(wrapped), LINES), len(passage.beside)) + 0.7)
        for wrapped, passage in zip(lines, passages, strict=True)
    ]
    width, height = _LEFT + _WIDTH + 2 * _MARGIN, _TITLE + sum(heights) + _MARGIN / 2
    figure = figures.blank(width, height)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    said = title.splitlines()
    for number, line in enumerate(said):
        look: Any = {"fontsize": _SIZE} if number else {"fontsize": 11, "fontweight": "bold"}
        axes.text(_MARGIN, _TITLE / 2 + _PITCH * (number - (len(said) - 1) / 2), line, va="center", **look)
    top = _TITLE
    for passage, wrapped, tall in zip(passages, lines, heights, strict=True):
        axes.plot([_MARGIN, width - _MARGIN], [top, top], color=figures.GRID, lw=0.8)
        _draw_beside(axes, passage, top + _LINE * 0.85)
        _draw_words(axes, passage, wrapped, top + _LINE * 0.85)
        top += tall
    return figure


def wrap(words: Sequence[str]) -> list[Line]:
    """Where each word stands, on lines of one width."""
    lines: list[Line] = [[]]
    at = 0.0
    for place, word in enumerate(words):
        if lines[-1] and at + _inches(word) > _WIDTH:
            lines.append([])
            at = 0.0
        lines[-1].append((place, at))
        at += _inches(word) + _SPACE
    return lines


def cut(lines: Sequence[Line], heaviest: int) -> range:
    """The lines that are shown of a text: those around its heaviest word."""
    of_it = next(number for number, line in enumerate(lines) if line[-1][0] >= heaviest)
    first = max(0, min(of_it - LINES // 2, len(lines) - LINES))
    return range(first, min(first + LINES, len(lines)))


def _draw_beside(axes: Axes, passage: Passage, top: float) -> None:
    for number, line in enumerate(passage.beside):
        hue = figures.FAINT if number else figures.WRONG if passage.wrong else figures.INK
        weight = "normal" if number else "bold"
        axes.text(_MARGIN, top + number * _LINE, line, color=hue, fontsize=_SIZE, fontweight=weight)


def _draw_words(axes: Axes, passage: Passage, lines: Sequence[Line], top: float) -> None:
    strengths = _strengths(passage)
    shown = cut(lines, int(np.argmax(np.abs(strengths))))
    for number, line in enumerate(shown):
        y = top + number * _LINE
        for place, at in lines[line]:
            word = passage.words[place]
            hue = figures.FAINT if word == passage.faint else figures.INK
            _draw_word(axes, word, _LEFT + at, y, hue=hue, strength=float(strengths[place]))
    write: Any = {"color": figures.FAINT, "fontsize": _SIZE, "va": "baseline"}
    if shown.start:
        axes.text(_LEFT - _SPACE, top, ELLIPSIS, ha="right", **write)
    if shown.stop < len(lines):
        place, at = lines[shown[-1]][-1]
        end = _LEFT + at + _inches(passage.words[place]) + _SPACE
        axes.text(end, top + (len(shown) - 1) * _LINE, ELLIPSIS, **write)


def _draw_word(axes: Axes, word: str, x: float, y: float, *, hue: str, strength: float) -> None:
    if strength:
        fill = FOR if strength > 0 else AGAINST
        box = FancyBboxPatch(
            (x, y - 0.115), _inches(word), 0.15, boxstyle="round,pad=0.018", fc=fill, ec="none"
        )
        box.set_alpha(abs(strength))
        axes.add_patch(box)
    axes.text(x, y, word, color=hue, fontsize=_SIZE, va="baseline")


def _strengths(passage: Passage) -> NDArray[np.float64]:
    """The weights (T) over the heaviest; zero where there are none, or all are zero."""
    if passage.weights is None:
        return np.zeros(len(passage.words))
    strengths: NDArray[np.float64] = passage.weights / (np.abs(passage.weights).max() or 1)
    return strengths


def _inches(word: str) -> float:
    return lettering.inches(word, _SIZE)
