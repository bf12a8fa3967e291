"""The terms of the evidence lower bound: torch's distributions, scipy and sampling are the referees."""

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor, distributions

from stages.modelling import variational


@pytest.fixture
def law() -> tuple[Tensor, Tensor]:
    drawn = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return drawn[0], drawn[1]


def normal(law: tuple[Tensor, Tensor]) -> distributions.Normal:
    return distributions.Normal(law[0], (0.5 * law[1]).exp())


STANDARD = distributions.Normal(torch.zeros(()), torch.ones(()))


def test_the_kl_is_the_closed_form(law: tuple[Tensor, Tensor]) -> None:
    expected = distributions.kl_divergence(normal(law), STANDARD).sum(dim=1)
    torch.testing.assert_close(variational.kl(*law), expected)


def test_the_kl_is_what_sampling_finds(law: tuple[Tensor, Tensor]) -> None:
    torch.manual_seed(0)
    drawn = normal(law).sample((20_000,))
    ratios = (normal(law).log_prob(drawn) - STANDARD.log_prob(drawn)).sum(dim=2)  # (N, B)
    error = ratios.std(dim=0) / len(ratios) ** 0.5
    assert ((ratios.mean(dim=0) - variational.kl(*law)).abs() < 4 * error).all()


def test_the_standard_normal_law_alone_has_no_divergence() -> None:
    assert variational.kl(torch.zeros(1, 4), torch.zeros(1, 4)).item() == 0
    for mu, log_var in ((0.1, 0.0), (0.0, 0.1), (0.0, -0.1)):
        assert variational.kl(torch.full((1, 4), mu), torch.full((1, 4), log_var)).item() > 0


def test_samples_have_the_mean_and_the_variance_of_their_law(law: tuple[Tensor, Tensor]) -> None:
    noise = torch.randn(20_000, 5, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    drawn = variational.reparameterise(*law, noise)
    assert ((drawn.mean(dim=0) - law[0]).abs() < 0.05 * (0.5 * law[1]).exp()).all()
    torch.testing.assert_close(drawn.var(dim=0), law[1].exp(), rtol=0.05, atol=0)


def test_the_likelihood_of_black_and_white_pixels_is_scipys() -> None:
    logits = torch.randn(6, 1, 3, 4, generator=torch.Generator().manual_seed(0))
    pixels = (torch.rand(6, 1, 3, 4, generator=torch.Generator().manual_seed(1)) < 0.5).float()
    chances = logits.double().sigmoid().numpy()
    expected = stats.bernoulli.logpmf(pixels.numpy(), chances).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(variational.bernoulli(logits, pixels), expected, rtol=1e-5)


def test_grey_pixels_weigh_both_outcomes() -> None:
    logits = torch.randn(6, 1, 3, 4, generator=torch.Generator().manual_seed(0))
    x = torch.rand(6, 1, 3, 4, generator=torch.Generator().manual_seed(1)).double().numpy()
    p = logits.double().sigmoid().numpy()
    expected = (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=(1, 2, 3))
    found = variational.bernoulli(logits, torch.from_numpy(x).float())
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_a_pixel_missed_by_far_keeps_its_gradient() -> None:
    logits = torch.tensor([[-200.0, 200.0]], requires_grad=True)
    likelihood = variational.bernoulli(logits, torch.tensor([[1.0, 0.0]]))
    likelihood.sum().backward()
    assert likelihood.item() == -400
    assert logits.grad is not None and logits.grad.tolist() == [[1, -1]]
