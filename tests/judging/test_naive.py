"""The naive forecasts."""

import numpy as np
import pytest

from stages.core import inputs
from stages.judging import naive
from stages.judging.verdict import Judged
from tests import samples

FACTS = samples.series_spec()


def test_they_are_scaled_as_networks_see_them() -> None:
    split = samples.split(FACTS)
    test = Judged(split.x.numpy(), np.zeros(0), np.zeros(0, np.float32))
    seen = inputs.whole(split, FACTS).x
    found = naive.forecasts(FACTS, test)
    assert list(found) == ["last", "seasonal"]
    assert found["last"].tobytes() == naive.last(seen, FACTS).tobytes()
    assert found["seasonal"].tobytes() == naive.seasonal(seen, FACTS).tobytes()


def test_a_season_that_is_shorter_than_the_horizon_comes_again() -> None:
    facts = samples.series_spec(horizon=9).model_copy(update={"period": 2})
    x = np.arange(16.0)[None, :, None]
    assert naive.seasonal(x, facts)[0, :, 0].tolist() == [14, 15, 14, 15, 14, 15, 14, 15, 14]


@pytest.mark.parametrize("kind", [naive.last, naive.seasonal])
def test_no_more_is_copied_than_the_forecast_takes(kind: object) -> None:
    steps = np.zeros((100_000, 1), np.float32)
    facts = samples.series_spec(window=5000, columns=1, targets=1)
    windows = np.lib.stride_tricks.sliding_window_view(steps, facts.window, axis=0).transpose(0, 2, 1)
    found = kind(windows, facts)  # type: ignore[operator]
    assert found.shape == (95_001, 4, 1)
    assert found.nbytes < windows.nbytes / 1000
