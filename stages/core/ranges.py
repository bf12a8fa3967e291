"""The kinds of number a param can be. `build` functions annotate with them and are held to them."""

from typing import Annotated

from pydantic import Field

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
