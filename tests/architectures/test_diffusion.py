"""Diffusion: a U-Net for images of any size, and a network that draws again what it was shown."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from stages.architectures.diffusion import Diffusion
from stages.core import inputs, rooms
from stages.core.errors import UserError
from stages.core.spec import Images
from stages.modelling import noising, weights
from stages.modelling.shipping import Ships
from stages.modelling.unet import Time, UNet
from tests import samples

SPEC = samples.spec()
every_shape = pytest.mark.parametrize("shape", samples.SHAPES, ids=str)


def build(spec: Images = SPEC, **hyper: Any) -> Diffusion:
    """A diffusion model that has something to say from the start."""
    torch.manual_seed(0)
    model: Diffusion = rooms.build("architectures", "diffusion", spec, hyper, at="here")
    torch.nn.init.normal_(model.denoiser.head[-1].weight, std=0.05)
    return model.eval()


def noised(spec: Images, count: int = 4) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(count, *spec.shape, generator=generator), 100 * torch.arange(count)


@every_shape
@pytest.mark.parametrize(
    "hyper",
    [{}, {"levels": [1]}, {"levels": [1, 2, 3, 1]}, {"width": 6, "groups": 3, "dropout": 0.5}],
    ids=str,
)
def test_noise_is_of_the_size_of_the_images(shape: tuple[int, ...], hyper: dict[str, Any]) -> None:
    spec = samples.spec(shape)
    model, given = build(spec, **hyper), noised(spec)
    noise = model(*given)
    assert noise.shape == given[0].shape and noise.isfinite().all() and noise.std() > 0


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 1, 7), (1, 2, 3), (3, 13, 6)], ids=str)
def test_maps_that_cannot_be_halved_evenly_come_up_to_their_size(shape: tuple[int, ...]) -> None:
    net, (x, steps) = UNet(shape[0], [4, 4, 8, 8], groups=2, dropout=0.0), noised(samples.spec(shape))
    assert net(x, steps).shape == x.shape


def test_at_first_no_noise_is_found() -> None:
    torch.manual_seed(0)
    model = rooms.build("architectures", "diffusion", SPEC, {}, at="here")
    assert not model(*noised(SPEC)).any()


@every_shape
def test_every_parameter_gets_a_gradient(shape: tuple[int, ...]) -> None:
    spec = samples.spec(shape)
    model = build(spec)
    model(*noised(spec)).square().mean().backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_each_image_is_told_its_own_step_and_nothing_of_the_others() -> None:
    model, (x, steps) = build(), noised(SPEC)
    together = model(x, steps)
    for row in range(len(x)):
        torch.testing.assert_close(model(x[row : row + 1], steps[row : row + 1]), together[row : row + 1])
    assert (model(x, steps + 1) - together).abs().amax(dim=(1, 2, 3)).min() > 1e-5


@pytest.mark.parametrize("width", [6, 7])
def test_steps_are_told_by_sines_and_cosines(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time(width, 5)
    monkeypatch.setattr(time, "mlp", torch.nn.Identity())
    step, half = 321, (width + 1) // 2
    rates = [10000 ** (-2 * i / width) for i in range(half)]
    expected = [*(np.sin(step * rate) for rate in rates), *(np.cos(step * rate) for rate in rates)]
    np.testing.assert_allclose(time(torch.tensor([step]))[0], expected[:width], atol=1e-4)


def test_the_defaults_are_a_thousand_cosine_steps_and_two_levels() -> None:
    model = rooms.build("architectures", "diffusion", SPEC, {}, at="here")
    assert model.noise_steps == 1000
    assert model.noising.alpha_bars == tuple(noising.alpha_bars("cosine", 1000).tolist())
    assert [halve.weight.shape for halve in model.denoiser.halve] == [(64, 32, 3, 3)]


@pytest.mark.parametrize(
    ("hyper", "told"),
    [
        ({"width": 12}, "here.groups must divide width (12), got 8"),
        ({"levels": []}, "here.levels must hold at least one number, got none"),
        ({"noise_steps": 49}, "here.noise_steps must be at least 50, got 49"),
        ({"schedule": "square"}, "here.schedule must be 'cosine' or 'linear', got 'square'"),
    ],
)
def test_what_does_not_go_together_is_told(hyper: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError) as caught:
        build(**hyper)
    assert str(caught.value) == told


@every_shape
@pytest.mark.parametrize("sampler", ["ddim", "ancestral"])
def test_a_seed_draws_the_same_images_and_another_one_others(shape: tuple[int, ...], sampler: Any) -> None:
    spec = samples.spec(shape)
    model = build(spec, width=8)
    before = torch.get_rng_state()
    first, again, other = (model.sample(3, seed, sampler=sampler, steps=4) for seed in (1, 1, 2))
    assert first.shape == (3, *spec.shape) and not first.requires_grad
    assert first.min() >= 0 and first.max() <= 1
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)


def test_images_begin_with_the_same_noise_whatever_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    starts = []
    monkeypatch.setattr(noising, "sample", lambda _, start, *__, **___: starts.append(start) or start)
    for width in (8, 16):
        build(width=width).sample(2000, 3)
    assert torch.equal(*starts)
    assert abs(starts[0].mean()) < 0.01 and abs(starts[0].std() - 1) < 0.01


def test_unasked_ddim_takes_fifty_steps() -> None:
    model = build(width=8)
    assert torch.equal(model.sample(2, 0), model.sample(2, 0, sampler="ddim", steps=50))


def test_more_steps_than_there_are_are_refused() -> None:
    with pytest.raises(UserError, match=r"^here\.steps must be at most noise_steps \(100\), got 101$"):
        rooms.call(build(noise_steps=100).sample, 1, 0, arguments={"steps": 101}, at="here")


def test_only_the_denoiser_has_weights_and_they_rebuild_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    hyper = {"width": 8, "schedule": "linear", "noise_steps": 60}
    model = build(**hyper)
    assert all(name.startswith("denoiser.") for name in model.state_dict())
    card = weights.Card(
        run="run", architecture="diffusion", hyper=hyper, spec=SPEC, seed=0, threads=2, device="cpu"
    )
    weights.save(model, card)
    rebuilt: Any = weights.load("run")[0]
    assert torch.equal(rebuilt.sample(2, 0, steps=5), model.sample(2, 0, steps=5))


@pytest.mark.slow
def test_what_was_learnt_is_drawn_again() -> None:
    torch.manual_seed(0)
    model = rooms.build("architectures", "diffusion", SPEC, {"width": 16}, at="here")
    image = torch.where(torch.rand(SPEC.shape) < 0.5, 0.1, 0.9)
    batch = (2 * image - 1).expand(64, -1, -1, -1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(80):
        noise, steps = torch.randn(batch.shape), torch.randint(1000, (64,))
        optimizer.zero_grad()
        F.mse_loss(model(model.add_noise(batch, noise, steps), steps), noise).backward()
        optimizer.step()
    for sampler in ("ddim", "ancestral"):
        drawn = model.eval().sample(8, 0, sampler=sampler, steps=20)
        assert (drawn - image).abs().mean() < 0.15  # of noise cut off it is 0.44


def test_the_export_is_proved_by_examples_under_all_kinds_of_noise() -> None:
    model = build()
    x = inputs.ready(samples.split(SPEC).take(slice(0, 40)), SPEC, device=torch.device("cpu")).x
    assert isinstance(model, Ships)
    ((name, shipped),) = model.shipped().items()
    assert name == "denoiser" and {"input", "output"} <= shipped.told.keys()
    images, steps = shipped.given(x)
    assert steps.min() < 200 and steps.max() > 800
    assert torch.equal(shipped.given(x)[0], images)
    noise = (images - model.noising.signal[steps][:, None, None, None] * (2 * inputs.pixels(x, SPEC) - 1)) / (
        model.noising.noise[steps][:, None, None, None]
    )
    assert abs(noise.mean()) < 0.1 and abs(noise.std() - 1) < 0.1
