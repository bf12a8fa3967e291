"""What can be seen of drawn figures, and of the templates that others are drawn by."""

import json
import re
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tests.samples import ROOT


def images(figure: Figure) -> list[NDArray[Any]]:
    """The images of a figure, in order."""
    return [np.asarray(image.get_array()) for axes in figure.axes for image in axes.images]


def lines(figure: Figure) -> list[str]:
    """The texts inside of its axes, in order."""
    return [text.get_text() for axes in figure.axes for text in axes.texts if text.get_text()]


def charts(task: str) -> set[str]:
    """The charts that the template of a task draws, each of them for every revision."""
    text = (ROOT / f".dvc/plots/{task}.json").read_text(encoding="utf-8")
    assert text.count('"rev"') == len(json.loads(text)["hconcat"])
    return set(re.findall(r'"filter": "datum\.chart == \'(\w+)\'"', text))


def grey(level: int) -> NDArray[np.uint8]:
    """An image (1, 8, 8) of one level."""
    return np.full((1, 8, 8), level, np.uint8)
