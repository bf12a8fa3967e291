"""How wide a line is in the project's letters, and names cut to what there is room for."""

from functools import cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


@cache
def inches(line: str, size: float) -> float:
    """How wide a line in letters of so many points is."""
    font = FontProperties(family="DejaVu Sans", size=size)
    width, _, _ = TextToPath().get_text_width_height_descent(line, font, ismath=False)
    return float(width) / 72


def cut(name: str, rest: str = "", *, width: float, size: float) -> str:
    """A name and what follows it in so many inches: of a longer name the beginning, and an ellipsis."""
    begins = [name, *(name[:end] + ELLIPSIS for end in range(len(name) - 1, 0, -1))]
    fitting = (begin + rest for begin in begins if inches(begin + rest, size) <= width)
    return next(fitting, ELLIPSIS + rest)
