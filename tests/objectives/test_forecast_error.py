"""The error of a forecast, written out in numpy."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from stages.core import rooms
from stages.core.errors import UserError
from stages.core.splits import Batch
from stages.modelling.contracts import Objective, Turn
from tests import samples

FORMULAS = {
    "squared": lambda e: e**2,
    "absolute": np.abs,
    "huber": lambda e: np.where(np.abs(e) <= 1, 0.5 * e**2, np.abs(e) - 0.5),
}


@pytest.fixture
def pair() -> tuple[Tensor, Tensor]:
    drawn = torch.randn(2, 6, 4, 2, generator=torch.Generator().manual_seed(0)) * 2
    return drawn[0], drawn[1]


def objective(**loss: Any) -> Objective:
    found: Objective = rooms.build(
        "objectives", "forecast_error", samples.series_spec(), loss, at="models.sample.loss"
    )
    return found


def turn(outputs: Tensor, y: Tensor, **loss: Any) -> Turn:
    (one,) = objective(**loss).losses(nn.Identity(), Batch(outputs, y))
    return one


@pytest.mark.parametrize("norm", FORMULAS)
def test_the_loss_is_the_mean_over_all_elements(norm: str, pair: tuple[Tensor, Tensor]) -> None:
    error = pair[0].double().numpy() - pair[1].double().numpy()
    assert float(turn(*pair, norm=norm).loss) == pytest.approx(FORMULAS[norm](error).mean(), rel=1e-5)


def test_the_squared_error_is_what_is_minimised_unasked(pair: tuple[Tensor, Tensor]) -> None:
    assert turn(*pair).loss == turn(*pair, norm="squared").loss


@pytest.mark.parametrize("norm", FORMULAS)
def test_a_forecast_that_comes_true_has_no_error_and_no_gradient(norm: str) -> None:
    outputs = torch.ones(3, 4, 2, requires_grad=True)
    one = turn(outputs, torch.ones(3, 4, 2), norm=norm)
    one.loss.backward()
    assert float(one.loss.detach()) == 0
    assert outputs.grad is not None
    assert not outputs.grad.any()


def test_nothing_is_watched_beside_the_loss(pair: tuple[Tensor, Tensor]) -> None:
    assert not objective().measures
    assert not turn(*pair).measures


def test_another_norm_is_refused() -> None:
    with pytest.raises(
        UserError, match=r"^models\.sample\.loss\.norm must be 'squared', 'absolute' or 'huber'"
    ):
        objective(norm="cubed")


def test_images_are_refused() -> None:
    with pytest.raises(UserError, match=r"forecast_error must be given series, got the images of 'sample'$"):
        rooms.build("objectives", "forecast_error", samples.spec(), {}, at="models.sample.loss")
