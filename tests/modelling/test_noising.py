"""Noise and its removal: the schedules' formulas, and samplers held against laws that are known."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from stages.modelling import noising
from stages.modelling.noising import Denoiser, Noising

SCHEDULES, SAMPLERS = ("cosine", "linear"), ("ddim", "ancestral")
every_schedule = pytest.mark.parametrize("schedule", SCHEDULES)
every_sampler = pytest.mark.parametrize("sampler", SAMPLERS)
MEAN, STD = 0.3, 0.15  # of pixels, far enough from -1 and 1


def left(schedule: Any = "cosine", noise_steps: int = 1000) -> Tensor:
    return noising.alpha_bars(schedule, noise_steps)


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def exact(schedule: Any, noise_steps: int = 1000) -> Denoiser:
    """E[e | sqrt(a) x + sqrt(1 - a) e] for pixels x that are drawn from N(MEAN, STD^2) each."""

    def denoise(noised: Tensor, steps: Tensor) -> Tensor:
        a = left(schedule, noise_steps)[steps][:, None, None, None]
        noise = (1 - a).sqrt() * (noised.double() - a.sqrt() * MEAN) / (a * STD**2 + 1 - a)
        return noise.float()

    return denoise


def sample(denoise: Denoiser, start: Tensor, a: Tensor, *, steps: int, sampler: Any = "ddim") -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return noising.sample(denoise, start, a.tolist(), sampler=sampler, steps=steps, generator=generator)


@pytest.mark.parametrize("noise_steps", [1, 50, 1000])
def test_the_cosine_is_the_papers_up_to_the_step_that_would_leave_nothing(noise_steps: int) -> None:
    time = np.arange(noise_steps + 1) / noise_steps
    f = np.cos((time + 0.008) / 1.008 * np.pi / 2) ** 2
    found = left("cosine", noise_steps).numpy()
    np.testing.assert_allclose(found[:-1], (f / f[0])[1:-1], rtol=1e-9)
    before = found[-2] if noise_steps > 1 else 1.0
    assert found[-1] == pytest.approx(0.001 * before)


def test_linear_steps_take_evenly_more() -> None:
    a = np.concatenate([[1], left("linear").numpy()])
    np.testing.assert_allclose(1 - a[1:] / a[:-1], np.linspace(1e-4, 0.02, 1000), rtol=1e-9)


@pytest.mark.parametrize(("schedule", "off"), [("cosine", 1e-9), ("linear", 0.02)])
def test_fewer_steps_take_the_same_together(schedule: str, off: float) -> None:
    np.testing.assert_allclose(left(schedule, 200)[:-1], left(schedule)[4:-5:5], atol=off)


@every_schedule
@pytest.mark.parametrize("noise_steps", [50, 300, 1000, 4000])
def test_less_and_less_is_left_from_nearly_all_to_nearly_nothing(schedule: str, noise_steps: int) -> None:
    a = left(schedule, noise_steps)
    assert a.dtype == torch.float64 and a.shape == (noise_steps,)
    assert (a.diff() < 0).all()
    assert 0.99 < a[0] < 1 and 0 < a[-1] < 1e-4


@every_schedule
def test_noise_is_added_to_each_image_by_its_own_step(schedule: Any) -> None:
    layer, a = Noising(schedule, 1000), left(schedule)
    steps, images, noise = torch.tensor([0, 999, 500, 3]), normal(4, 2, 3, 5), normal(4, 2, 3, 5, seed=1)
    for row, step in enumerate(steps):
        expected = a[step].sqrt() * images[row] + (1 - a[step]).sqrt() * noise[row]
        torch.testing.assert_close(layer(images, noise, steps)[row], expected.float())
    torch.testing.assert_close(layer.noise.double().square(), 1 - a, rtol=1e-6, atol=0)


@every_schedule
def test_noised_pixels_have_the_moments_that_are_left(schedule: Any) -> None:
    step = torch.full((400,), 300)
    images = MEAN + STD * normal(400, 1, 10, 10)
    noised = Noising(schedule, 1000)(images, normal(400, 1, 10, 10, seed=1), step)
    a = float(left(schedule)[300])
    assert noised.mean().item() == pytest.approx(a**0.5 * MEAN, abs=0.01)
    assert noised.var().item() == pytest.approx(a * STD**2 + 1 - a, rel=0.02)


def test_the_schedule_is_no_part_of_the_weights() -> None:
    assert not Noising("cosine", 1000).state_dict()


@pytest.mark.parametrize(
    ("steps", "expected"), [(1, [9]), (2, [9, 4]), (3, [9, 5, 2]), (10, [*range(9, -1, -1)])]
)
def test_stops_are_evenly_spaced_from_the_last_step_down(steps: int, expected: list[int]) -> None:
    assert noising.stops(10, steps) == expected


def test_more_stops_than_steps_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^steps must be at most noise_steps \(10\), got 11$"):
        noising.stops(10, 11)


@every_schedule
@pytest.mark.parametrize(("sampler", "steps"), [("ddim", 250), ("ddim", 1000), ("ancestral", 1000)])
def test_the_law_of_the_data_comes_out_where_the_noise_is_found_exactly(
    schedule: str, sampler: str, steps: int
) -> None:
    pixels = sample(exact(schedule), normal(4000, 1, 2, 2), left(schedule), steps=steps, sampler=sampler)
    assert pixels.mean().item() == pytest.approx(MEAN, abs=0.01)
    assert pixels.std().item() == pytest.approx(STD, rel=0.04)
    assert torch.corrcoef(pixels.flatten(1).T).fill_diagonal_(0).abs().max() < 0.08


@every_schedule
def test_ddim_is_the_map_that_scales_noise_to_the_law_of_the_data(schedule: str) -> None:
    start = normal(500, 1, 2, 2)
    pixels = sample(exact(schedule), start, left(schedule), steps=1000)
    torch.testing.assert_close(pixels, MEAN + STD * start, atol=0.02, rtol=0)


def posterior(denoise: Denoiser, start: Tensor, a: np.ndarray, steps: int) -> np.ndarray:
    """Ancestral sampling as Ho et al. write it, equations 6 and 7, in numpy."""
    generator = torch.Generator().manual_seed(1)
    stops = noising.stops(len(a), steps)
    x = start.double().numpy()
    for t, s in zip(stops, [*stops[1:], None], strict=True):
        given = denoise(torch.tensor(x).float(), torch.full((len(x),), t)).double().numpy()
        x0 = np.clip((x - np.sqrt(1 - a[t]) * given) / np.sqrt(a[t]), -1, 1)
        if s is None:
            return x0
        alpha = a[t] / a[s]
        mean = np.sqrt(a[s]) * (1 - alpha) / (1 - a[t]) * x0 + np.sqrt(alpha) * (1 - a[s]) / (1 - a[t]) * x
        drawn = torch.randn(start.shape, generator=generator).double().numpy()
        x = mean + np.sqrt((1 - a[s]) / (1 - a[t]) * (1 - alpha)) * drawn
    raise AssertionError


@every_schedule
@pytest.mark.parametrize("steps", [1, 7, 100])
def test_ancestral_steps_are_drawn_from_the_papers_posterior(schedule: str, steps: int) -> None:
    def denoise(noised: Tensor, steps: Tensor) -> Tensor:
        return 0.5 * exact(schedule, 100)(noised, steps)  # so that images are cut off

    start, a = normal(5, 1, 2, 3), left(schedule, 100)
    found = sample(denoise, start, a, steps=steps, sampler="ancestral")
    expected = posterior(denoise, start, a.numpy(), steps)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_ddim_draws_nothing() -> None:
    generator = torch.Generator().manual_seed(1)
    before = generator.get_state()
    start, a = normal(3, 1, 2, 2), left().tolist()
    noising.sample(exact("cosine"), start, a, sampler="ddim", steps=5, generator=generator)
    assert torch.equal(generator.get_state(), before)


@every_sampler
def test_images_stay_in_their_range_whatever_the_denoiser_says(sampler: str) -> None:
    def wild(noised: Tensor, steps: Tensor) -> Tensor:
        return 50 * normal(*noised.shape, seed=int(steps[0]))

    pixels = sample(wild, normal(20, 1, 4, 4), left(), steps=20, sampler=sampler)
    assert pixels.min() == -1 and pixels.max() == 1


def test_the_denoiser_is_told_its_step_for_every_image() -> None:
    told = []

    def denoise(noised: Tensor, steps: Tensor) -> Tensor:
        assert steps.dtype == torch.int64
        told.append(steps.tolist())
        return noised

    sample(denoise, normal(2, 1, 2, 2), left(), steps=4)
    assert told == [[999, 999], [749, 749], [499, 499], [249, 249]]
