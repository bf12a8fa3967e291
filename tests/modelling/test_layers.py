"""What networks that end in pixels end in, and the scale that weights begin with."""

from typing import get_args

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from stages.modelling import layers


def test_numbers_are_logits_of_pixels_and_twice_as_steep_a_tanh_that_is_shifted() -> None:
    x = torch.linspace(-9, 9, 181)
    torch.testing.assert_close(layers.Pixels()(x), x.sigmoid(), rtol=0, atol=0)
    torch.testing.assert_close(layers.Pixels(steepness=2)(x), (x.tanh() + 1) / 2)


@pytest.mark.parametrize("steepness", [1, 2])
def test_pixels_are_told_apart_near_white_from_half_precision_too(steepness: int) -> None:
    bright = layers.Pixels(steepness)(torch.tensor([5.0, 5.5], dtype=torch.bfloat16))
    assert bright.dtype == torch.float32 and 0.99 < bright[0] < bright[1] < 1


def test_the_darkest_pixels_keep_a_gradient() -> None:
    x = torch.tensor([-12.0], requires_grad=True)
    layers.Pixels(steepness=2)(x).sum().backward()
    assert x.grad is not None and 0 < x.grad.item() < 1e-9


@pytest.mark.parametrize("slope", [0.0, 0.2, 1.0])
def test_weights_are_drawn_so_that_signals_keep_their_size_behind_the_activation(slope: float) -> None:
    torch.manual_seed(0)
    chain = nn.Sequential(*(nn.Sequential(nn.Linear(1024, 1024), nn.LeakyReLU(slope)) for _ in range(4)))
    layers.initialise(chain, "kaiming", slope=slope)
    x = torch.randn(256, 1024)
    assert chain(x).square().mean().item() == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize("name", get_args(layers.Activation))
def test_an_activation_is_the_function_of_its_name(name: layers.Activation) -> None:
    x = torch.linspace(-3, 3, 13)
    assert torch.equal(layers.activation(name)(x), getattr(F, name)(x))
