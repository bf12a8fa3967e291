"""Dropout with few bits: what it drops, what it leaves, where it stands."""

import pytest
import torch
from torch import nn

from stages.modelling import dropout, machine
from stages.modelling.dropout import Dropout


@pytest.mark.parametrize("p", [0.01, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_share_is_dropped_and_the_rest_scaled_so_that_the_mean_stays(p: float, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    count = 200_003  # no multiple of the values that share a word
    x = torch.ones(count, dtype=dtype)
    y = Dropout(p)(x)
    kept = y != 0
    deviation = (p * (1 - p) / count) ** 0.5
    assert float((~kept).double().mean()) == pytest.approx(p, abs=5 * deviation + 2**-17)
    assert y.dtype == dtype
    assert y[kept].float().sub(1 / (1 - p)).abs().max() < 0.01 / (1 - p)


def test_values_are_dropped_independently_of_their_neighbours() -> None:
    """Also of those that share a word with them: the deviation of a correlation of n draws is n ** -0.5."""
    torch.manual_seed(0)
    kept = (Dropout(0.3)(torch.ones(400_000)) != 0).double()
    for distance in range(1, 9):
        correlation = torch.corrcoef(torch.stack([kept[:-distance], kept[distance:]]))[0, 1]
        assert abs(float(correlation)) < 5 * 400_000**-0.5


def test_gradients_pass_where_values_pass() -> None:
    torch.manual_seed(0)
    x = torch.randn(64, 3, 5, 5).to(memory_format=torch.channels_last).requires_grad_()
    y = Dropout(0.4)(x)
    y.sum().backward()
    assert x.grad is not None
    torch.testing.assert_close(y, x * x.grad)
    assert y.is_contiguous(memory_format=torch.channels_last)


def test_the_same_seed_drops_the_same_values_on_any_number_of_threads() -> None:
    def drawn(threads: int) -> torch.Tensor:
        torch.set_num_threads(threads)
        torch.manual_seed(3)
        result: torch.Tensor = Dropout(0.2)(torch.ones(300, 300))
        return result

    before = torch.get_num_threads()
    try:
        assert torch.equal(drawn(1), drawn(2))
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("p", [0.0, 1e-6, 1.0])
def test_shares_beyond_the_bits_are_those_of_torch(p: float) -> None:
    x = torch.ones(1000)
    assert torch.equal(Dropout(p)(x), nn.Dropout(p)(x))


def test_a_placed_network_drops_by_it_and_evaluates_as_before() -> None:
    layer = nn.TransformerEncoderLayer(8, 2, 16, 0.25, batch_first=True)
    model = nn.Sequential(layer, nn.Dropout(0.5)).eval()
    x = torch.randn(2, 4, 8)
    before = model(x)
    machine.place(model, torch.device("cpu"))
    drops = [module for module in model.modules() if isinstance(module, nn.Dropout)]
    assert [(type(drop), drop.p, drop.training) for drop in drops] == [(Dropout, 0.25, False)] * 3 + [
        (Dropout, 0.5, False)
    ]
    assert torch.equal(model(x), before)


def test_a_dropout_is_replaced_wherever_it_stands_and_one_of_another_kind_stays() -> None:
    class Own(nn.Dropout):
        pass

    twice, alone, own = nn.Dropout(0.1), nn.Dropout(0.2), Own(0.3)
    dropout.quicken(nn.Sequential(twice, nn.Linear(2, 2), twice, own))
    dropout.quicken(alone)
    assert [type(one) for one in (twice, alone, own)] == [Dropout, Dropout, Own]
