"""Naive forecasts, which any other has to beat."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.spec import Series
from stages.judging.columns import Column
from stages.judging.verdict import Judged

LAST = Column("last.mse", "MSE of the last value", None, ".4f", "that of repeating the last value")
SEASONAL = Column("seasonal.mse", "MSE of the last season", None, ".4f", "that of repeating the last season")
OVER_LAST = Column(
    "skill_last",
    "skill over the last value",
    "higher",
    "+.1%",
    "by what share MSE is smaller than that of repeating the last value: 100 % is perfect, 0 % as good",
)
OVER_SEASONAL = Column(
    "skill_seasonal",
    "skill over the last season",
    "higher",
    "+.1%",
    "the same beside repeating what was a season ago",
)


def last(x: NDArray[Any], spec: Series) -> NDArray[Any]:
    """The last target values of windows (N, T, C) at every step of the horizon: (N, F, C)."""
    return x[:, np.full(spec.horizon, -1), : spec.targets]


def seasonal(x: NDArray[Any], spec: Series) -> NDArray[Any]:
    """The last period of the targets of windows (N, T, C), repeated over the horizon: (N, F, C)."""
    return x[:, np.arange(spec.horizon) % spec.period - spec.period, : spec.targets]


def forecasts(spec: Series, judged: Judged) -> dict[str, NDArray[np.float32]]:
    """Both of them for a split, by name, scaled. Of its windows no more is copied than they take."""
    import torch

    from stages.core import inputs

    return {
        name: inputs.scaled(torch.from_numpy(forecast(judged.x, spec)), spec).numpy()
        for name, forecast in (("last", last), ("seasonal", seasonal))
    }
