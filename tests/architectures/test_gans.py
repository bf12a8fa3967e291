"""Generative adversarial networks: the papers' layers, and images of any size in and out."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from stages.architectures import dcgan, gan
from stages.exporting import onnx_file, parity, usage
from stages.modelling.adversaries import Adversaries
from stages.modelling.weights import Card
from tests import samples

Build = Callable[..., Adversaries]
both = pytest.mark.parametrize("build", [gan.build, dcgan.build], ids=["gan", "dcgan"])
shapes = pytest.mark.parametrize("shape", [*samples.SHAPES, (2, 1, 3)], ids=str)


def network(build: Build, shape: tuple[int, ...] = (1, 8, 8), **hyper: object) -> Adversaries:
    torch.manual_seed(0)
    return build(samples.spec(shape), **hyper)


@both
@shapes
def test_noise_becomes_pixels_and_pixels_become_one_logit_each(build: Build, shape: tuple[int, ...]) -> None:
    model = network(build, shape)
    pixels = model(3 * torch.randn(6, 64))
    assert pixels.shape == (6, *shape) and pixels.min() >= 0 and pixels.max() <= 1
    assert model.discriminator(pixels).shape == (6,)


@both
@shapes
def test_the_discriminator_sees_every_pixel_and_the_generator_draws_each(
    build: Build, shape: tuple[int, ...]
) -> None:
    model = network(build, shape).eval()
    pixels = model(torch.randn(6, 64)).detach().requires_grad_()
    model.discriminator(pixels).sum().backward()
    assert pixels.grad is not None
    assert pixels.grad.abs().amax(dim=0).all() and pixels.std(dim=0).all()


@both
def test_pixels_are_centred_for_the_discriminator(build: Build) -> None:
    model = network(build).eval()
    seen: list[Tensor] = []
    model.discriminator.features.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    model.discriminator(torch.tensor([0.0, 0.5, 1.0])[:, None, None, None].expand(3, 1, 8, 8))
    assert [image.unique().tolist() for image in seen[0]] == [[-1], [0], [1]]


@both
def test_samples_are_what_the_generator_makes_of_the_seeds_noise(build: Build) -> None:
    model = network(build, latent=7).eval()
    state = torch.get_rng_state()
    pixels = model.sample(5, 3)
    assert torch.equal(torch.get_rng_state(), state), "the loop's draws must not depend on who looks"
    noise = torch.randn(5, 7, generator=torch.Generator().manual_seed(3))
    assert not pixels.requires_grad and torch.equal(pixels, model.generator(noise))
    assert not torch.equal(pixels, model.sample(5, 4))


def test_the_exported_generator_makes_odd_images_too(tmp_path: Path) -> None:
    spec, file = samples.spec((1, 5, 9)), tmp_path / "generator.onnx"
    model = network(dcgan.build, spec.shape, latent=5).eval()
    (shipped,) = usage.parts(model, spec).values()
    card = Card(run="sample", architecture="any", hyper={}, spec=spec, seed=0, threads=2, device="cpu")
    onnx_file.write(shipped, card, file)
    x = torch.zeros(3, *spec.shape)
    parity.prove(parity.both(shipped, onnx_file.session(file, threads=1), x), run="sample")
    assert shipped.given(x)[0].shape == (3, 5) and "(batch, 5)" in str(shipped.told["input"])


def layers(part: nn.Module) -> list[str]:
    """The leaves of a network, in their order, with their sizes."""
    named = []
    for layer in part.modules():
        if isinstance(layer, nn.Linear):
            named.append(f"linear {layer.in_features}-{layer.out_features}")
        elif isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            name = "up" if isinstance(layer, nn.ConvTranspose2d) else "down"
            assert layer.stride == (2, 2)
            named.append(f"{name} {layer.in_channels}-{layer.out_channels}")
        elif isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            named.append(f"norm {layer.num_features}")
    return named


def test_the_dense_networks_are_each_others_mirror() -> None:
    model = network(gan.build, (1, 28, 28))
    assert layers(model.generator) == ["linear 64-128", "linear 128-256", "linear 256-784"]
    assert layers(model.discriminator) == ["linear 784-256", "linear 256-128", "linear 128-1"]
    normed = network(gan.build, batch_norm=True)
    assert layers(normed.generator)[1::2] == ["norm 128", "norm 256"]
    assert layers(normed.discriminator) == ["linear 64-256", "linear 256-128", "linear 128-1"]


def test_the_convolutions_are_laid_out_as_in_the_paper() -> None:
    model = network(dcgan.build, (3, 32, 32), channels=16)
    assert layers(model.generator) == ["linear 64-2048", "norm 32", "up 32-16", "norm 16", "up 16-3"]
    assert layers(model.discriminator) == ["down 3-16", "down 16-32", "norm 32", "linear 2048-1"]
    bends = [layer for layer in model.discriminator.modules() if isinstance(layer, nn.LeakyReLU)]
    assert [bend.negative_slope for bend in bends] == [0.2, 0.2]
    plain = network(dcgan.build, batch_norm=False)
    assert not any("norm" in name for name in layers(plain))


def test_the_papers_first_weights_are_small_and_he_s_go_by_the_inputs() -> None:
    paper, he = (network(dcgan.build, init=init, batch_norm=False) for init in ("normal", "kaiming"))
    for name, weight in paper.named_parameters():
        if weight.ndim > 1:
            assert weight.std().item() == pytest.approx(0.02, rel=0.15), name
        else:
            assert not weight.any(), name
    fan = 32 * 16  # of the second convolution
    assert he.discriminator.features[2][0].weight.std().item() == pytest.approx((2 / fan) ** 0.5, rel=0.1)


@both
def test_dropout_is_the_discriminators_alone(build: Build) -> None:
    model = network(build, dropout=0.5)
    pixels = torch.rand(4, 1, 8, 8)
    assert not torch.equal(model.discriminator(pixels), model.discriminator(pixels))
    assert not any(isinstance(layer, nn.Dropout) for layer in model.generator.modules())
