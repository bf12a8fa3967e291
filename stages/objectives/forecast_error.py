"""Error of a forecast: squared, absolute, or Huber's, which is squared up to 1 and absolute beyond."""

from typing import Literal

from torch.nn import functional as F

from stages.core.spec import Series
from stages.modelling.supervised import Criterion, Supervised

_CRITERIA: dict[str, Criterion] = {"squared": F.mse_loss, "absolute": F.l1_loss, "huber": F.huber_loss}


def build(spec: Series, *, norm: Literal["squared", "absolute", "huber"] = "squared") -> Supervised:
    """Error of forecasts and horizons (B, F, C).

    Units: scaled, a column's deviation in the train split is 1. Reduction: mean over all elements; `huber` is
    half of the square where it is squared.
    Paper: Huber 1964.
    """
    return Supervised(_CRITERIA[norm])
