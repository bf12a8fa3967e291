"""Some of many examples."""

import numpy as np
from numpy.typing import NDArray


def rows(examples: int, most: int) -> NDArray[np.int64]:
    """At most so many rows of so many examples, evenly spread; of two or more the first and the last."""
    return np.linspace(0, examples - 1, min(examples, most)).round().astype(np.int64)
