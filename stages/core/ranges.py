"""The kinds of number and digest a param can be. Functions annotate with them and are held to them."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from stages.core.checking import shown

# What torch, NumPy and scikit-learn all take for a size, and for a seed.
_INT, _SEED = 2**31 - 1, 2**32 - 1
# Beyond it a product of two overflows float32.
_FLOAT = 1e18

Count = Annotated[int, Field(ge=1, le=_INT)]
Size = Annotated[int, Field(ge=0, le=_INT)]
Seed = Annotated[int, Field(ge=0, le=_SEED)]
Share = Annotated[float, Field(gt=0, lt=1)]
Fraction = Annotated[float, Field(ge=0, lt=1)]
NonNegative = Annotated[float, Field(ge=0, le=_FLOAT)]
Positive = Annotated[float, Field(gt=0, le=_FLOAT)]


def _digest(text: str) -> str:
    if not re.fullmatch("([0-9a-f]{64})?", lower := text.lower()):  # some programs tell it in capitals
        raise ValueError(f"must be 64 hex digits, got {shown(text)}")
    return lower


Digest = Annotated[str, AfterValidator(_digest)]  # a SHA-256, or "" where none is given
