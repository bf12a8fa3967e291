"""The windows of a series, cut out one by one as the referee."""

import numpy as np
import pytest
import torch
from torch import Tensor

from stages.core import splits
from stages.core.spec import Series
from tests import samples


@pytest.fixture(params=[(16, 4), (1, 1), (5, 7)])
def facts(request: pytest.FixtureRequest) -> Series:
    window, horizon = request.param
    return samples.series_spec(window, horizon, steps=60)


@pytest.fixture
def steps() -> Tensor:
    return torch.arange(180.0).reshape(60, 3)


def test_every_window_stands_before_its_horizon(facts: Series, steps: Tensor) -> None:
    split = splits.windows(steps, facts)
    assert len(split) == len(split.x) == facts.size("train") == 60 - facts.window - facts.horizon + 1
    for n in range(len(split)):
        seen = n + facts.window
        assert torch.equal(split.x[n], steps[n:seen])
        assert torch.equal(split.y[n], steps[seen : seen + facts.horizon, : facts.targets])


def test_windows_take_no_memory_of_their_own(facts: Series, steps: Tensor) -> None:
    split = splits.windows(steps, facts)
    for view in (split.x, split.y):
        assert view.untyped_storage().data_ptr() == steps.untyped_storage().data_ptr()


@pytest.mark.parametrize("rows", [torch.tensor([5, 0, 40, 5]), slice(3, 9)])
def test_a_taken_batch_is_a_copy_of_those_windows(facts: Series, steps: Tensor, rows: Tensor | slice) -> None:
    split = splits.windows(steps, facts)
    batch = split.take(rows)
    assert torch.equal(batch.x, split.x[rows])
    assert torch.equal(batch.y, split.y[rows])
    batch.x.zero_()
    batch.y.zero_()
    assert torch.equal(steps, torch.arange(180.0).reshape(60, 3))


def test_windows_read_as_numpy_are_the_same_view(facts: Series, steps: Tensor) -> None:
    windows = splits.windows(steps, facts).x.numpy()
    assert np.shares_memory(windows, steps.numpy())
    referee = np.lib.stride_tricks.sliding_window_view(steps.numpy(), facts.window, axis=0)
    np.testing.assert_array_equal(windows, referee[: len(windows)].transpose(0, 2, 1))
