"""The worst mistakes: the examples whose wrong class was held most probable, shown as what they are."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from stages.core.spec import UNKNOWN, Images, Labelled, Texts
from stages.judging import figures, words
from stages.judging.figures import Tile
from stages.judging.verdict import Judged
from stages.judging.words import Passage

WORST_IMAGES, WORST_TEXTS = 24, 12


def draw(spec: Labelled, test: Judged, chosen: NDArray[Any], confidence: NDArray[Any]) -> Figure:
    """The classes `chosen` (N) that were wrong, by their `confidence` (N)."""
    wrong = np.flatnonzero(chosen != test.y)
    if not len(wrong):
        return figures.message(f"No mistakes on {len(test.y):,} test examples")
    most = WORST_TEXTS if isinstance(spec, Texts) else WORST_IMAGES
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:most]
    title = f"{_which(len(wrong), most)} on {len(test.y):,} test"
    said = [f"{figures.short(spec.classes[chosen[row]])}, {confidence[row]:.0%}" for row in worst]
    true = [figures.short(spec.classes[test.y[row]]) for row in worst]
    captions = list(zip(test.x[worst], said, true, strict=True))
    match spec:
        case Images():
            tiles = [Tile(figures.pixels(image), above, below) for image, above, below in captions]
            title += " images (red: said; below: true)"
            return figures.tiles(title, tiles, columns=6, inches=1.15, cmap="gray", vmin=0, vmax=255)
        case Texts():
            faint = spec.vocabulary[UNKNOWN]
            passages = [
                Passage(words.read(text, spec), (first, f"true: {second}"), wrong=True, faint=faint)
                for text, first, second in captions
            ]
            return words.draw(f"{title} texts (red: said)", passages)
    raise TypeError(type(spec))


def _which(wrong: int, most: int) -> str:
    if wrong == 1:
        return "The one mistake"
    return f"All {wrong} mistakes" if wrong <= most else f"The {most} worst of {wrong:,} mistakes"
