"""The evidence lower bound as a loss: torch's distributions are the referee."""

from typing import Any

import pytest
import torch
from torch import Tensor, distributions, nn

from stages.core import inputs, rooms
from stages.core.errors import UserError
from stages.core.splits import Batch
from stages.modelling.contracts import Objective, Turn
from tests import samples

SPEC = samples.spec((1, 8, 8))
BATCH = inputs.ready(samples.split(SPEC).take(torch.arange(12)), SPEC, device=torch.device("cpu"))


def objective(**loss: Any) -> Objective:
    found: Objective = rooms.build("objectives", "elbo", SPEC, loss, at="models.sample.loss")
    return found


def vae() -> Any:
    torch.manual_seed(0)
    return rooms.build("architectures", "vae", SPEC, {"widths": [16], "latent": 3}, at="here")


def turn(model: nn.Module, batch: Batch = BATCH, **loss: Any) -> Turn:
    torch.manual_seed(1)
    (one,) = objective(**loss).losses(model, batch)
    return one


def terms(model: Any) -> tuple[Tensor, Tensor]:
    """The mean log-likelihood under the sample that `turn` draws, and the mean divergence."""
    mu, log_var = model.posterior(BATCH.x)
    law, prior = distributions.Normal(mu, log_var.exp().sqrt()), distributions.Normal(0.0, 1.0)
    torch.manual_seed(1)
    latent = mu + law.scale * torch.randn(mu.shape)
    p, x = model.logits(latent).double().sigmoid(), inputs.pixels(BATCH.x, SPEC).double()
    likelihood = (x * p.log() + (1 - x) * (1 - p).log()).flatten(1).sum(dim=1)
    divergence = distributions.kl_divergence(law, prior).sum(dim=1)
    return likelihood.mean().float(), divergence.mean()


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
@torch.no_grad()
def test_the_loss_is_minus_the_likelihood_plus_so_much_of_the_divergence(beta: float) -> None:
    likelihood, divergence = terms(vae())
    one = turn(vae(), beta=beta)
    torch.testing.assert_close(one.loss, beta * divergence - likelihood, rtol=1e-4, atol=0)
    torch.testing.assert_close(one.measures["kl"], divergence, rtol=1e-4, atol=0)


@torch.no_grad()
def test_unasked_it_is_the_bound_that_the_network_gives_of_itself() -> None:
    model = vae()
    batch = Batch(BATCH.x[:1].repeat(4096, 1, 1, 1), torch.zeros(4096))
    bounds = model.elbo(batch.x)
    error = bounds.std().item() * (2 / len(bounds)) ** 0.5  # each has noise of its own
    assert turn(model, batch).loss.item() == pytest.approx(-bounds.mean().item(), abs=4 * error)


def test_it_is_a_mean_over_the_batch_and_a_sum_over_pixels() -> None:
    class Flat(nn.Module):
        """Says one half of every pixel, whatever the latent."""

        def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
            return torch.zeros(len(x), 2), torch.zeros(len(x), 2)

        def logits(self, latent: Tensor) -> Tensor:
            return torch.zeros(len(latent), *SPEC.shape)

    for count in (1, 12):
        loss = turn(Flat(), Batch(BATCH.x[:count], BATCH.y[:count])).loss
        assert loss.item() == pytest.approx(64 * 0.6931472)


def test_noise_is_drawn_anew_for_every_batch() -> None:
    model = vae()
    torch.manual_seed(0)
    first, second = (next(iter(objective().losses(model, BATCH))).loss for _ in range(2))
    assert first != second


def test_both_terms_teach_the_posterior() -> None:
    gradients = []
    for beta in (0.0, 1.0):
        model = vae()
        turn(model, beta=beta).loss.backward()
        assert all(p.grad is not None and p.grad.any() for p in model.parameters())
        gradients.append(model.encoder.head.weight.grad)
    assert not torch.allclose(*gradients)


def test_the_loss_is_in_full_precision_whatever_the_network_runs_in() -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        one = turn(vae())
    assert one.loss.dtype == one.measures["kl"].dtype == torch.float32
    assert one.loss.item() == pytest.approx(turn(vae()).loss.item(), rel=0.02)


def test_the_divergence_is_watched_without_a_gradient() -> None:
    model = vae()
    assert objective().parts(model) == {"model": model}
    one = turn(model)
    assert one.part == "model" and set(one.measures) == set(objective().measures) == {"kl"}
    assert one.loss.requires_grad and not one.measures["kl"].requires_grad


def test_an_autoencoder_without_a_law_of_its_latents_is_refused() -> None:
    model = rooms.build("architectures", "autoencoder", SPEC, {}, at="here")
    expected = r"^objective elbo must be given an architecture with posterior and logits, got Autoencoder$"
    with pytest.raises(ValueError, match=expected):
        objective().parts(model)


def test_a_negative_beta_is_refused() -> None:
    with pytest.raises(UserError, match=r"^models\.sample\.loss\.beta must be"):
        objective(beta=-1)
