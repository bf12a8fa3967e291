"""Prediction of noise: the error in numpy, and steps that are spread evenly over a batch."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from stages.core import inputs, rooms
from stages.core.errors import UserError
from stages.core.splits import Batch
from stages.modelling.contracts import Objective, Turn
from stages.objectives import noise_prediction
from tests import samples

SPEC = samples.spec()
BATCH = inputs.ready(samples.split(SPEC).take(slice(0, 20)), SPEC, device=torch.device("cpu"))


class Recorder(nn.Module):
    """Keeps what it is given, and finds `found` everywhere."""

    def __init__(
        self, found: float = 0.0, *, noise_steps: int = 1000, dtype: torch.dtype = torch.float32
    ) -> None:
        super().__init__()
        self.found, self.noise_steps, self.dtype = found, noise_steps, dtype
        self.images, self.noise, self.steps = Tensor(), Tensor(), Tensor()

    def add_noise(self, images: Tensor, noise: Tensor, steps: Tensor) -> Tensor:
        self.images, self.noise, self.steps = images, noise, steps
        return images + noise

    def forward(self, noised: Tensor, steps: Tensor) -> Tensor:
        assert torch.equal(noised, self.images + self.noise) and torch.equal(steps, self.steps)
        return torch.full_like(noised, self.found, dtype=self.dtype)


def objective() -> Objective:
    found: Objective = rooms.build("objectives", "noise_prediction", SPEC, {}, at="models.sample.loss")
    return found


def turn(model: nn.Module, batch: Batch = BATCH, *, seed: int = 0) -> Turn:
    torch.manual_seed(seed)
    (one,) = objective().losses(model, batch)
    return one


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_loss_is_the_mean_squared_error_of_the_noise(dtype: torch.dtype) -> None:
    model = Recorder(0.5, dtype=dtype)
    one = turn(model)
    assert one.part == "model" and one.loss.dtype == torch.float32
    assert float(one.loss) == pytest.approx(((model.noise.double().numpy() - 0.5) ** 2).mean(), rel=1e-5)
    assert not one.measures and not objective().measures


def test_who_finds_nothing_has_a_loss_of_one() -> None:
    assert float(turn(Recorder()).loss) == pytest.approx(1, abs=0.1)


def test_images_are_pixels_from_minus_one_to_one() -> None:
    turn(model := Recorder())
    np.testing.assert_allclose(model.images, samples.split(SPEC).x[:20].numpy() / 127.5 - 1, atol=1e-5)


def test_noise_and_steps_are_drawn_by_the_seed_anew_for_every_batch() -> None:
    first, again, other = Recorder(), Recorder(), Recorder()
    for model, seed in ((first, 0), (again, 0), (other, 1)):
        turn(model, seed=seed)
    assert torch.equal(first.noise, again.noise) and torch.equal(first.steps, again.steps)
    assert not torch.equal(first.noise, other.noise) and not torch.equal(first.steps, other.steps)
    assert first.noise.mean().abs() < 0.1 and abs(first.noise.std() - 1) < 0.1


@pytest.mark.parametrize(("count", "noise_steps"), [(1, 10), (7, 10), (64, 10), (5, 1), (20, 1000)])
def test_steps_of_a_batch_are_spread_evenly(count: int, noise_steps: int) -> None:
    torch.manual_seed(0)
    for _ in range(50):
        steps = noise_prediction.spread(count, noise_steps)
        assert steps.dtype == torch.int64 and steps.min() >= 0 and steps.max() < noise_steps
        seen = torch.bincount(steps, minlength=noise_steps)
        assert seen.max() - seen.min() <= 1
        parts = torch.histc(steps.float(), bins=2, min=0, max=noise_steps)
        assert (parts[0] - parts[1]).abs() <= 1 or noise_steps == 1


def test_every_place_of_a_batch_meets_all_steps_alike() -> None:
    torch.manual_seed(0)
    drawn = torch.stack([noise_prediction.spread(3, 8) for _ in range(4000)])  # (draws, B)
    for place in drawn.T:
        share = torch.bincount(place, minlength=8) / len(place)
        assert (share - 1 / 8).abs().max() < 0.02


def test_a_network_that_adds_no_noise_is_refused() -> None:
    told = (
        "objective noise_prediction must be given an architecture with add_noise and noise_steps, got Linear"
    )
    with pytest.raises(ValueError) as caught:
        objective().parts(nn.Linear(1, 1))
    assert str(caught.value) == told


def test_the_whole_model_is_stepped_as_one() -> None:
    model: Any = Recorder()
    assert objective().parts(model) == {"model": model}


def test_texts_are_refused() -> None:
    with pytest.raises(UserError, match=r"noise_prediction must be given images, got the texts of 'sample'$"):
        rooms.build("objectives", "noise_prediction", samples.texts_spec(), {}, at="models.sample.loss")
