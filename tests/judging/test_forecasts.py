"""Forecasts, drawn."""

from pathlib import Path

import numpy as np
import pytest

from stages.core.spec import Series
from stages.judging import figures, forecasts
from stages.judging.verdict import Judged
from tests import samples

PICTURES = [forecasts.draw_windows, forecasts.draw_errors]


def judged(facts: Series, *, windows: int | None = None, noise: float = 0.3) -> Judged:
    split = samples.split(facts)
    x, y = split.x.numpy()[:windows], split.y.numpy()[:windows]
    drawn = np.random.default_rng(0).normal(size=y.shape)
    return Judged(x, y, (y + noise * drawn).astype(np.float32))


def test_the_windows_shown_are_spread_from_the_first_to_the_last() -> None:
    facts = samples.series_spec()
    shown = [trace.window for trace in forecasts.traces(facts, judged(facts), 6)]
    assert (shown[0], shown[-1]) == (1, facts.size("test"))
    assert set(np.diff(shown)) <= {20, 21}


@pytest.mark.parametrize("windows", [1, 2, 5])
def test_no_window_is_shown_twice_where_there_are_few(windows: int) -> None:
    facts = samples.series_spec()
    shown = [trace.window for trace in forecasts.traces(facts, judged(facts, windows=windows), 6)]
    assert shown == list(range(1, windows + 1))


@pytest.mark.parametrize(("window", "horizon", "seen"), [(100, 30, 60), (100, 2, 24), (16, 4, 16)])
def test_of_the_past_twice_the_horizon_is_shown(window: int, horizon: int, seen: int) -> None:
    facts = samples.series_spec(window, horizon, steps=200)
    (trace,) = forecasts.traces(facts, judged(facts), 1)
    steps, values = trace.past
    assert steps.tolist() == list(range(1 - seen, 1))
    np.testing.assert_array_equal(values, judged(facts).x[0, -seen:, 0])
    assert trace.forecast[0].tolist() == list(range(1, horizon + 1))


@pytest.mark.parametrize("draw", PICTURES)
@pytest.mark.parametrize(("horizon", "windows", "noise"), [(1, 1, 0.3), (4, None, 0.0), (4, 3, 0.3)])
def test_the_smallest_and_the_perfect_are_drawn_and_repeat_byte_for_byte(
    draw: object, horizon: int, windows: int | None, noise: float, tmp_path: Path
) -> None:
    facts = samples.series_spec(horizon=horizon)
    test = judged(facts, windows=windows, noise=noise)
    for name in ("one", "two"):
        figures.save(draw(facts, test), tmp_path / name)  # type: ignore[operator]
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
