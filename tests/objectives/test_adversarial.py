"""Adversarial losses: formulas written out in numpy, and loops written by hand, are the referees."""

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from stages.architectures import dcgan, gan
from stages.core import inputs, rooms
from stages.core.errors import UserError
from stages.core.splits import Batch
from stages.modelling.contracts import Turn
from stages.objectives import adversarial
from stages.objectives.adversarial import Adversarial
from tests import samples

SPEC = samples.spec()
FORMS = ["non_saturating", "least_squares", "wasserstein"]
PARTS = ["discriminator", "generator"]


def objective(**loss: object) -> Adversarial:
    if loss.get("form") == "wasserstein":
        loss = {"gradient_penalty": 10.0} | loss
    found: Adversarial = rooms.build("objectives", "adversarial", SPEC, loss, at="models.sample.loss")
    return found


def batch(count: int = 8) -> Batch:
    raw = samples.split(SPEC).take(torch.arange(count))
    return inputs.ready(raw, SPEC, device=torch.device("cpu"))


def network(seed: int = 0, **hyper: Any) -> nn.Module:
    torch.manual_seed(seed)
    return gan.build(SPEC, **{"latent": 4, "widths": (16, 32)} | hyper)


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


@pytest.fixture
def logits() -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(0)
    return 2 * torch.randn(30, generator=draw) + 1, 2 * torch.randn(30, generator=draw) - 1


@pytest.mark.parametrize("label", [1.0, 0.9])
@pytest.mark.parametrize("form", FORMS)
def test_the_discriminator_minimises_the_papers_formula(
    logits: tuple[Tensor, Tensor], form: adversarial.Form, label: float
) -> None:
    real, fake = (side.double().numpy() for side in logits)
    said, lied = sigmoid(real), sigmoid(fake)
    expected = {
        "non_saturating": -np.mean(label * np.log(said) + (1 - label) * np.log(1 - said))
        - np.mean(np.log(1 - lied)),
        "least_squares": 0.5 * np.mean((real - label) ** 2) + 0.5 * np.mean(fake**2),
        "wasserstein": np.mean(fake) - np.mean(real),
    }
    assert float(adversarial.telling(*logits, form, label)) == pytest.approx(expected[form], rel=1e-5)


@pytest.mark.parametrize("form", FORMS)
def test_the_generator_minimises_the_papers_formula(
    logits: tuple[Tensor, Tensor], form: adversarial.Form
) -> None:
    fake = logits[1].double().numpy()
    expected = {
        "non_saturating": -np.mean(np.log(sigmoid(fake))),
        "least_squares": 0.5 * np.mean((fake - 1) ** 2),
        "wasserstein": -np.mean(fake),
    }
    assert float(adversarial.deceiving(logits[1], form)) == pytest.approx(expected[form], rel=1e-5)


class Linear(nn.Module):
    """A discriminator w . x + b, whose gradient is w wherever it is taken."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(64, 1)

    def forward(self, pixels: Tensor) -> Tensor:
        logit: Tensor = self.linear(pixels.flatten(1)).squeeze(1)
        return logit


def test_the_gradient_penalty_of_a_linear_critic_is_that_of_its_weights() -> None:
    critic, images = Linear(), torch.rand(2, 5, 1, 8, 8)
    weight = critic.linear.weight
    penalty = adversarial.steepness(critic, *images)
    norm = weight.detach().norm()
    assert float(penalty.detach()) == pytest.approx(float(norm - 1) ** 2, rel=1e-5)
    penalty.backward()
    expected = 2 * (norm - 1) * weight.detach() / norm
    assert weight.grad is not None
    assert torch.allclose(weight.grad, expected, atol=1e-6)


class Quadratic(nn.Module):
    """A discriminator |x|^2 / 2, whose gradient is x itself: it shows where the gradient is taken."""

    def forward(self, pixels: Tensor) -> Tensor:
        return pixels.square().sum(dim=(1, 2, 3)) / 2


def test_the_gradient_penalty_is_taken_between_real_images_and_fakes_each_at_a_place_of_its_own() -> None:
    real, fake = torch.rand(2, 5, 1, 8, 8)
    torch.manual_seed(3)
    penalty = adversarial.steepness(Quadratic(), real, fake)
    torch.manual_seed(3)
    share = torch.rand(5, 1, 1, 1)
    norms = (share * real + (1 - share) * fake).flatten(1).norm(dim=1)
    assert float(penalty.detach()) == pytest.approx(float((norms - 1).square().mean()), rel=1e-5)


def turn_of(form: str, weight: float, *, seed: int = 5) -> Turn:
    torch.manual_seed(seed)
    return next(objective(form=form, gradient_penalty=weight).losses(network(), batch()))


@pytest.mark.parametrize("form", FORMS)
def test_the_penalty_weighs_what_it_is_told(form: str) -> None:
    light, mean, heavy = (float(turn_of(form, weight).loss.detach()) for weight in (1e-9, 5.0, 10.0))
    assert heavy - light == pytest.approx(2 * (mean - light), rel=1e-4) and heavy > light


@pytest.mark.parametrize("form", FORMS)
def test_in_validation_losses_are_the_same_without_gradients(form: str) -> None:
    minimised, model = objective(form=form, gradient_penalty=1.0), network().eval()
    told = []
    for grad in (True, False):
        torch.manual_seed(1)
        with torch.set_grad_enabled(grad):
            told.append([turn.loss for turn in minimised.losses(model, batch())])
    assert [float(loss.detach()) for loss in told[0]] == [float(loss.detach()) for loss in told[1]]
    assert not told[1][1].requires_grad


def test_the_discriminator_has_its_turns_then_the_generator_one() -> None:
    turns = list(objective(critic_steps=3).losses(network(), batch()))
    assert [turn.part for turn in turns] == ["discriminator"] * 3 + ["generator"]
    assert len({float(turn.loss.detach()) for turn in turns[:3]}) == 3, "each turn draws fakes of its own"


def gradients(part: nn.Module) -> list[Tensor]:
    return [weight.grad for weight in part.parameters() if weight.grad is not None]


@pytest.mark.parametrize("form", FORMS)
def test_each_turn_reaches_the_part_whose_turn_it_is(form: str) -> None:
    model = network(dropout=0.2)
    for part, turn in zip(PARTS, objective(form=form).losses(model, batch()), strict=True):
        model.zero_grad()
        turn.loss.backward()
        assert all(bool(grad.any()) for grad in gradients(getattr(model, part))[:-1])
        if part == "discriminator":
            assert not gradients(model.generator)


def stepping(model: nn.Module, turns: Iterator[Turn]) -> Iterator[tuple[str, nn.Module]]:
    """What the loop does, and what the model was before each step."""
    for turn in turns:
        part, before = getattr(model, turn.part), copy.deepcopy(model)
        part.zero_grad()
        turn.loss.backward()
        with torch.no_grad():
            for weight in part.parameters():
                weight -= 0.01 * weight.grad
        yield turn.part, before


def weights(part: nn.Module) -> Tensor:
    return nn.utils.parameters_to_vector(part.parameters()).detach()


@pytest.mark.parametrize("form", FORMS)
def test_a_step_moves_the_one_part_and_leaves_the_other(form: str) -> None:
    model = network()
    for moved, before in stepping(model, objective(form=form).losses(model, batch())):
        for name in PARTS:
            same = torch.equal(weights(getattr(before, name)), weights(getattr(model, name)))
            assert same == (name != moved)


def test_reals_are_pixels_and_fakes_come_of_standard_noise() -> None:
    class Watching(nn.Module):
        """A discriminator that remembers what it saw."""

        def __init__(self) -> None:
            super().__init__()
            self.seen: list[Tensor] = []

        def forward(self, pixels: Tensor) -> Tensor:
            self.seen.append(pixels.detach())
            return pixels.sum(dim=(1, 2, 3))

    model, given = network(), batch()
    model.discriminator = Watching()
    torch.manual_seed(9)
    list(objective().losses(model, given))
    torch.manual_seed(9)
    first, second = model.generator(torch.randn(8, 4)), model.generator(torch.randn(8, 4))
    raw = samples.split(SPEC).take(torch.arange(8)).x / 255
    for seen, expected in zip(model.discriminator.seen, (raw, first, second), strict=True):
        assert torch.allclose(seen, expected, atol=1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_losses_are_in_full_precision_whatever_the_networks_run_in(form: str) -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        turns = list(objective(form=form, gradient_penalty=1.0).losses(network(), batch()))
    for turn in turns:
        assert turn.loss.dtype == torch.float32
        turn.loss.backward()


@pytest.mark.parametrize(
    ("loss", "told"),
    [
        (
            {"form": "wasserstein", "gradient_penalty": 0.0},
            "gradient_penalty must be greater than 0 with wasserstein, got 0",
        ),
        (
            {"form": "wasserstein", "real_label": 0.9},
            "real_label must be 1 with wasserstein, which has no labels, got 0.9",
        ),
        ({"real_label": 0.0}, "real_label must be greater than 0, got 0.0"),
        ({"real_label": 1.1}, "real_label must be less than or equal to 1, got 1.1"),
        ({"critic_steps": 0}, "critic_steps must be greater than or equal to 1, got 0"),
    ],
)
def test_what_does_not_go_together_is_told(loss: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError) as caught:
        objective(**loss)
    assert str(caught.value) == f"models.sample.loss.{told}"


def test_a_network_without_two_parts_is_told() -> None:
    with pytest.raises(ValueError, match="adversarial must be given an architecture with generator"):
        objective().parts(nn.Linear(2, 2))


def test_no_gradient_is_penalised_through_batch_norm() -> None:
    told = "gradient_penalty 0 where the discriminator has batch norm, got 10.0"
    with pytest.raises(ValueError, match=told):
        objective(form="wasserstein").parts(dcgan.build(SPEC))
    parts = objective(form="wasserstein").parts(dcgan.build(SPEC, batch_norm=False))
    assert list(parts) == PARTS == list(objective().parts(dcgan.build(SPEC)))
