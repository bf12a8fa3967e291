"""Schedules: torch's own schedulers are the referees."""

from collections.abc import Callable
from typing import get_args

import pytest
import torch
from torch.optim import SGD, Optimizer, lr_scheduler

from stages.core import fitting
from stages.loop import schedules
from tests import samples


def rates_of(make: Callable[[Optimizer], lr_scheduler.LRScheduler], steps: int) -> list[float]:
    optimizer = SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler, rates = make(optimizer), []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def ours(times: list[float], **own: object) -> list[float]:
    settings = samples.settings(**own)
    return [schedules.factor(settings, epoch=time, losses=[]) for time in times]


def test_constant_leaves_the_rate_alone() -> None:
    assert ours([0, 0.5, 19.9], schedule="constant", epochs=20) == [1, 1, 1]


def test_step_is_torchs_step_lr() -> None:
    expected = rates_of(lambda o: lr_scheduler.StepLR(o, step_size=3, gamma=0.5), 10)
    found = ours(list(range(10)), schedule="step", decay_epochs=3, decay_factor=0.5, epochs=10)
    assert found == pytest.approx(expected)


def test_cosine_is_torchs_cosine_annealing() -> None:
    expected = rates_of(lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=40), 40)
    assert ours([i / 4 for i in range(40)], schedule="cosine", epochs=10) == pytest.approx(expected)


def test_one_cycle_is_torchs_one_cycle() -> None:
    steps = 1000
    expected = rates_of(lambda o: lr_scheduler.OneCycleLR(o, max_lr=1.0, total_steps=steps + 1), steps)
    found = ours([10 * i / steps for i in range(steps)], schedule="one_cycle", epochs=10)
    assert found == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("patience", [1, 2, 3])
def test_plateau_is_torchs_reduce_on_plateau(patience: int) -> None:
    losses = [1.0, 0.9, 0.95, 0.96, 0.97, 0.98, 0.8, 0.81, 0.82, 0.83, 0.84, 0.85, 0.86, 0.87]
    optimizer = SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=patience, threshold=0)
    settings = samples.settings(schedule="plateau", decay_epochs=patience, decay_factor=0.5)
    for epoch in range(len(losses)):
        found = schedules.factor(settings, epoch=epoch, losses=losses[:epoch])
        assert found == pytest.approx(optimizer.param_groups[0]["lr"])
        scheduler.step(losses[epoch])


def test_warm_up_rises_in_a_line_from_above_zero_to_the_full_rate() -> None:
    rates = ours([0, 0.5, 1, 1.5, 2, 3], schedule="constant", warmup_epochs=2, epochs=10)
    assert 0 < rates[0] < rates[1] < rates[2] < rates[3] < rates[4] == rates[5] == 1
    assert rates[2] - rates[1] == pytest.approx(rates[1] - rates[0])


def test_what_follows_the_warm_up_starts_at_its_own_beginning() -> None:
    assert ours([2, 7], schedule="cosine", warmup_epochs=2, epochs=12) == pytest.approx([1, 0.5])


@pytest.mark.parametrize("schedule", get_args(fitting.Schedule))
@pytest.mark.parametrize(("key", "values"), [("decay_factor", (0.5, 0.1)), ("decay_epochs", (3, 5))])
def test_a_schedule_heeds_what_it_is_said_to(schedule: str, key: str, values: tuple[float, float]) -> None:
    def rates(value: float) -> list[float]:
        settings = samples.settings(schedule=schedule, epochs=20, **{key: value})
        return [schedules.factor(settings, epoch=n, losses=[1.0] * n) for n in range(20)]

    one, other = map(rates, values)
    assert (one != other) == (schedule in fitting.HEEDED["schedule"][key])
