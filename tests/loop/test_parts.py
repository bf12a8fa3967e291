"""Parts with optimizers of their own, as a GAN has: the loop is one written by hand, broken off or not."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from stages.architectures import gan
from stages.core.errors import UserError
from stages.core.splits import Batch
from stages.loop import Job, batches, epoch, fit
from stages.modelling import machine
from stages.modelling.contracts import Objective, Turn
from stages.objectives import adversarial, cross_entropy
from tests.fitted import SPEC, job, trained, weights


class Pair(nn.Module):
    """A generator and a discriminator, as small as can be."""

    def __init__(self) -> None:
        super().__init__()
        self.generator, self.discriminator = nn.Linear(2, 64), nn.Linear(64, 1)


@dataclass(frozen=True)
class Adversarial:
    """A GAN's two turns (Goodfellow et al. 2014), the second computed after the first has stepped."""

    measures: tuple[str, ...] = ()

    def parts(self, model: nn.Module) -> dict[str, nn.Module]:
        return {"discriminator": model.discriminator, "generator": model.generator}

    def losses(self, model: nn.Module, batch: Batch) -> Iterator[Turn]:
        ones = torch.ones(len(batch.y), 1)
        fake = model.generator(torch.randn(len(batch.y), 2))
        bce = F.binary_cross_entropy_with_logits
        real_loss = bce(model.discriminator(batch.x.flatten(1)), ones)
        fake_loss = bce(model.discriminator(fake.detach()), 1 - ones)
        yield Turn("discriminator", real_loss + fake_loss)
        yield Turn("generator", bce(model.discriminator(fake), ones))


def written_by_hand(model: Pair, task: Job) -> None:
    ones = torch.ones(16, 1)
    adam_d = torch.optim.Adam(model.discriminator.parameters(), lr=0.01, fused=True)
    adam_g = torch.optim.Adam(model.generator.parameters(), lr=0.01, fused=True)
    bce = F.binary_cross_entropy_with_logits
    for number in (1, 2):
        stream = machine.seed(0, epoch=number)
        for x, y in batches.shuffled(task.train, SPEC, task.settings, generator=stream, device=task.device):
            assert len(y) == 16
            adam_d.zero_grad()
            fake = model.generator(torch.randn(16, 2))
            real_loss = bce(model.discriminator(x.flatten(1)), ones)
            (real_loss + bce(model.discriminator(fake.detach()), 1 - ones)).backward()
            adam_d.step()
            adam_g.zero_grad()
            bce(model.discriminator(fake), ones).backward()
            adam_g.step()


def test_two_turns_are_bit_for_bit_a_gan_loop_written_by_hand() -> None:
    torch.manual_seed(5)
    ours = Pair()
    theirs = copy.deepcopy(ours)
    task = job(epochs=2, optimizer="adam", keep="last")
    objective: Objective = Adversarial()
    history = fit(ours, objective, task)
    written_by_hand(theirs, task)
    assert torch.equal(weights(ours), weights(theirs))
    assert set(history.train[0]) == {"discriminator_loss", "generator_loss"}


RATES = {"discriminator": 0.004, "generator": 0.001}
GAN = {
    "epochs": 3,
    "optimizer": "adam",
    "keep": "last",
    "betas": (0.5, 0.99),
    "parts": {
        "discriminator": {"learning_rate": RATES["discriminator"], "betas": (0.0, 0.9)},
        "generator": {"learning_rate": RATES["generator"], "weight_decay": 0.01},
    },
}


def adversaries() -> nn.Module:
    torch.manual_seed(7)
    return gan.build(SPEC, latent=4, widths=(16,), batch_norm=True, dropout=0.1)


def goodfellow(model: nn.Module, task: Job, *, steps: int) -> None:
    """A GAN loop as tutorials print it, on the batches of the job."""
    d, g, bce = model.discriminator, model.generator, F.binary_cross_entropy_with_logits
    adam_d = torch.optim.Adam(d.parameters(), lr=RATES["discriminator"], betas=(0.0, 0.9), fused=True)
    adam_g = torch.optim.Adam(
        g.parameters(), lr=RATES["generator"], betas=(0.5, 0.99), weight_decay=0.01, fused=True
    )
    for number in (1, 2, 3):
        stream = machine.seed(0, epoch=number)
        for x, _ in batches.shuffled(task.train, SPEC, task.settings, generator=stream, device=task.device):
            for _ in range(steps):
                adam_d.zero_grad()
                fake = g(torch.randn(16, 4)).detach()
                real_loss = bce(d(x * 0.25 + 0.5), torch.ones(16))
                (real_loss + bce(d(fake), torch.zeros(16))).backward()
                adam_d.step()
            adam_g.zero_grad()
            bce(d(g(torch.randn(16, 4))), torch.ones(16)).backward()
            adam_g.step()


@pytest.mark.parametrize("steps", [1, 2])
def test_a_gan_with_optimizers_of_its_parts_is_bit_for_bit_a_loop_written_by_hand(steps: int) -> None:
    ours = adversaries()
    theirs = copy.deepcopy(ours)
    task = job(**GAN)
    history = fit(ours, adversarial.build(SPEC, critic_steps=steps), task)
    goodfellow(theirs, task, steps=steps)
    assert torch.equal(weights(ours), weights(theirs))
    assert all(torch.equal(a, b) for a, b in zip(ours.buffers(), theirs.buffers(), strict=True))
    assert history.rates == [RATES] * 3
    assert set(history.val[0]) == {"discriminator_loss", "generator_loss"}


@pytest.mark.parametrize("broken", [1, 2, 3])
def test_a_gan_that_is_broken_off_ends_in_the_same_bytes(
    broken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run() -> tuple[bytes, str, int]:
        model = adversaries()
        history = fit(model, adversarial.build(SPEC, gradient_penalty=1.0, critic_steps=2), job(**GAN))
        kept = b"".join(tensor.numpy().tobytes() for tensor in model.state_dict().values())
        return kept, repr((history.train, history.val, history.rates)), len(history.seconds)

    whole = run()
    job(**GAN).checkpoint.clear()
    real = epoch.validate

    def validate(state: epoch.State, *rest: object) -> None:
        if len(state.history.val) == broken - 1:
            raise KeyboardInterrupt
        real(state, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(epoch, "validate", validate)
        with pytest.raises(KeyboardInterrupt):
            run()
    *resumed, trained = run()
    assert resumed == list(whole[:2])
    assert trained == 3 - (broken - 1), "only what was lost is trained again"


@pytest.mark.parametrize(
    ("model", "objective", "told"),
    [
        (
            nn.Linear(2, 2),
            adversarial.build(SPEC),
            "objective adversarial must be given an architecture",
        ),
        (adversaries(), cross_entropy.build(SPEC), "an objective with targets must be given an architecture"),
    ],
)
def test_a_network_that_is_none_for_its_objective_is_told_with_its_run(
    model: nn.Module, objective: Objective, told: str
) -> None:
    with pytest.raises(UserError, match=rf"^models\.sample: {told}"):
        fit(model, objective, job(keep="last"))


def test_a_part_that_nothing_steps_is_told() -> None:
    told = r"^models\.sample\.fit\.parts\.x must be one of discriminator, generator, got 'x'$"
    with pytest.raises(UserError, match=told):
        fit(adversaries(), adversarial.build(SPEC), job(**GAN | {"parts": {"generator": {}, "x": {}}}))
    with pytest.raises(UserError, match=r"fit\.parts\.generator must be one of model, got 'generator'$"):
        trained(parts={"generator": {"learning_rate": 0.1}})


def test_a_part_that_says_nothing_of_its_own_changes_nothing() -> None:
    (plain, first), (told, second) = trained(epochs=1), trained(epochs=1, parts={"model": {}})
    assert torch.equal(weights(plain), weights(told)) and first == second
    own, _ = trained(epochs=1, learning_rate=0.5, parts={"model": {"learning_rate": 0.01}})
    assert torch.equal(weights(plain), weights(own))
