"""The error of a reconstruction: scikit-learn is the referee, of networks that are written out."""

from typing import Any

import pytest
import torch
from sklearn.metrics import log_loss, mean_absolute_error, mean_squared_error
from torch import Tensor, nn

from stages.core import inputs, rooms
from stages.core.errors import UserError
from stages.core.splits import Batch
from stages.modelling.contracts import Objective, Turn
from tests import samples

SPEC = samples.spec((3, 4, 5)).model_copy(update={"mean": (0.2, 0.5, 0.7), "std": (0.1, 0.25, 0.4)})
NORMS = ("squared", "absolute", "cross_entropy")


class Says(nn.Module):
    """An autoencoder that has seen what it was given last, and says the same pixels of everything."""

    def __init__(self, pixels: Tensor) -> None:
        super().__init__()
        self.pixels = nn.Parameter(pixels)

    def encode(self, x: Tensor) -> Tensor:
        self.seen = x
        return x

    def decode(self, latent: Tensor) -> Tensor:
        return self.pixels

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(self.encode(x))


def drawn(seed: int) -> Tensor:
    return torch.rand(6, 3, 4, 5, generator=torch.Generator().manual_seed(seed))


CLEAN = drawn(0)
BATCH = Batch(inputs.standardise(CLEAN.clone(), SPEC), torch.zeros(6))


def objective(**loss: Any) -> Objective:
    found: Objective = rooms.build("objectives", "reconstruction", SPEC, loss, at="models.sample.loss")
    return found


def turn(model: nn.Module, batch: Batch = BATCH, **loss: Any) -> Turn:
    (one,) = objective(**loss).losses(model, batch)
    return one


@pytest.mark.parametrize("norm", NORMS)
def test_the_loss_is_the_mean_over_all_pixels(norm: str) -> None:
    said, clean = drawn(1).double().flatten().numpy(), CLEAN.double().flatten().numpy()
    match norm:
        case "squared":
            expected = mean_squared_error(clean, said)
        case "absolute":
            expected = mean_absolute_error(clean, said)
        case _:  # a grey pixel is on for its share of the time
            expected = sum(
                log_loss([on] * len(said), said, labels=[0, 1], sample_weight=weight) * weight.mean()
                for on, weight in ((1, clean), (0, 1 - clean))
            )
    assert turn(Says(drawn(1)), norm=norm).loss.item() == pytest.approx(expected, rel=1e-5)


def test_the_squared_error_is_what_is_minimised_unasked() -> None:
    assert turn(Says(drawn(1))).loss == turn(Says(drawn(1)), norm="squared").loss


@pytest.mark.parametrize("norm", ["squared", "absolute"])
def test_a_perfect_copy_has_no_error(norm: str) -> None:
    assert turn(Says(CLEAN), norm=norm).loss.item() == pytest.approx(0, abs=1e-6)


def test_the_cross_entropy_is_least_at_the_pixels_themselves() -> None:
    model = Says(CLEAN.clamp(0.01, 0.99))
    batch = Batch(inputs.standardise(model.pixels.detach().clone(), SPEC), BATCH.y)
    turn(model, batch, norm="cross_entropy").loss.backward()
    assert model.pixels.grad is not None
    torch.testing.assert_close(model.pixels.grad, torch.zeros_like(CLEAN), atol=1e-4, rtol=0)


def test_pixels_that_are_sure_and_wrong_cost_much_but_not_without_end() -> None:
    model = Says(torch.tensor([0.0, 1.0]).repeat(180).reshape(CLEAN.shape))
    one = turn(model, norm="cross_entropy")
    one.loss.backward()
    assert 10 < one.loss.item() <= 100
    assert model.pixels.grad is not None and model.pixels.grad.isfinite().all()


@pytest.mark.parametrize("mean", [0.1307, 0.2860, 0.4914])
@pytest.mark.parametrize("std", [0.3081, 0.3530, 0.2470])
def test_every_byte_of_a_pixel_can_be_a_target(mean: float, std: float) -> None:
    spec = samples.spec((1, 16, 16)).model_copy(update={"mean": (mean,), "std": (std,)})
    raw = Batch(torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16), torch.zeros(1))
    model = Says(torch.full((1, 1, 16, 16), 0.5))
    found = rooms.build("objectives", "reconstruction", spec, {"norm": "cross_entropy"}, at="here")
    (one,) = found.losses(model, inputs.ready(raw, spec, device=torch.device("cpu")))
    assert one.loss.item() == pytest.approx(0.6931472)


def test_without_noise_the_network_sees_the_images_as_they_are() -> None:
    model = Says(drawn(1))
    turn(model)
    assert torch.equal(model.seen, BATCH.x)


@pytest.mark.parametrize("training", [True, False])
def test_noise_is_seen_but_not_asked_for(training: bool) -> None:
    model = Says(CLEAN).train(training)
    torch.manual_seed(0)
    assert turn(model, noise=0.02).loss.item() == pytest.approx(0, abs=1e-6)
    added = inputs.pixels(model.seen, SPEC) - CLEAN
    inside = added[(CLEAN > 0.1) & (CLEAN < 0.9)]  # nothing is cut off there
    assert inside.std().item() == pytest.approx(0.02, rel=0.15)


def test_noise_is_drawn_anew_for_every_batch_by_torchs_seed() -> None:
    seen = []
    for _ in range(2):
        model = Says(CLEAN)
        torch.manual_seed(0)
        for _ in range(2):
            turn(model, noise=0.3)
            seen.append(model.seen)
    assert torch.equal(seen[0], seen[2]) and torch.equal(seen[1], seen[3])
    assert not torch.equal(seen[0], seen[1])


@pytest.mark.parametrize("norm", NORMS)
def test_losses_are_in_full_precision_whatever_the_network_runs_in(norm: str) -> None:
    said = drawn(1).clamp(0.05, 0.95)  # nearer to 1 the half precision tells few pixels apart
    with torch.autocast("cpu", dtype=torch.bfloat16):
        one = turn(Says(said.bfloat16()), norm=norm)
    assert one.loss.dtype == torch.float32
    assert one.loss.item() == pytest.approx(turn(Says(said), norm=norm).loss.item(), rel=0.01)


def test_the_whole_network_is_stepped_and_nothing_watched() -> None:
    model = Says(CLEAN)
    assert objective().parts(model) == {"model": model}
    assert turn(model).part == "model"
    assert not objective().measures and not turn(model).measures


def test_a_network_that_is_no_autoencoder_is_refused() -> None:
    expected = r"^objective reconstruction must be given an architecture with encode and decode, got Identity"
    with pytest.raises(ValueError, match=expected):
        objective().parts(nn.Identity())


@pytest.mark.parametrize("loss", [{"noise": -0.1}, {"norm": "cubed"}])
def test_what_is_out_of_range_is_refused(loss: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=rf"^models\.sample\.loss\.{next(iter(loss))} must be"):
        objective(**loss)
