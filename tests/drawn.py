"""What can be seen of drawn figures."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray


def images(figure: Figure) -> list[NDArray[Any]]:
    """The images of a figure, in order."""
    return [np.asarray(image.get_array()) for axes in figure.axes for image in axes.images]


def lines(figure: Figure) -> list[str]:
    """The texts inside of its axes, in order."""
    return [text.get_text() for axes in figure.axes for text in axes.texts if text.get_text()]


def grey(level: int) -> NDArray[np.uint8]:
    """An image (1, 8, 8) of one level."""
    return np.full((1, 8, 8), level, np.uint8)
