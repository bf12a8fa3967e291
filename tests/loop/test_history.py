"""History: means over an epoch, and what follows from them."""

from collections.abc import Callable

import pytest
import torch

from stages.core.spec import Spec
from stages.loop.history import History, Meter
from stages.modelling.contracts import Turn
from tests import samples


def test_a_mean_weighs_batches_by_their_examples() -> None:
    meter = Meter()
    for loss, examples in ((1.0, 3), (5.0, 1)):
        meter.add([Turn("model", torch.tensor(loss), {"accuracy": torch.tensor(loss / 10)})], examples)
    assert meter.means() == pytest.approx({"loss": 2.0, "accuracy": 0.2})


def test_losses_in_half_precision_are_summed_in_full() -> None:
    meter = Meter()
    for _ in range(1000):
        meter.add([Turn("model", torch.tensor(0.5, dtype=torch.bfloat16))], 64)
    assert meter.means() == {"loss": 0.5}


def test_parts_of_a_model_have_losses_of_their_own() -> None:
    meter = Meter()
    meter.add([Turn("generator", torch.tensor(1.0)), Turn("discriminator", torch.tensor(2.0))], 1)
    assert meter.means() == {"generator_loss": 1.0, "discriminator_loss": 2.0}


@pytest.mark.parametrize(
    ("losses", "patience", "over"),
    [
        ([3, 2, 1], 2, False),
        ([1, 2], 2, False),
        ([1, 2, 3], 2, True),
        ([2, 3, 1, 4], 2, False),
        ([1], 0, False),
    ],
)
def test_patience_counts_the_epochs_since_the_best(losses: list[int], patience: int, over: bool) -> None:
    history = History(val=[{"loss": float(loss)} for loss in losses])
    assert history.is_over(samples.settings(epochs=10, patience=patience)) == over


@pytest.mark.parametrize("make", samples.KINDS.values(), ids=lambda make: make.__name__)
def test_seconds_are_those_of_the_middle_epoch_and_words_are_counted_where_there_are_any(
    make: Callable[[], Spec],
) -> None:
    train = samples.split(make())
    told = History(seconds=[9.0, 2.0, 1.0]).timing(train)
    words = {} if train.lengths is None else {"tokens_per_second": int((train.x != 0).sum()) / 2}
    assert told == {"seconds_per_epoch": 2.0, "samples_per_second": len(train) / 2} | words


def test_where_nothing_asks_nothing_is_monitored() -> None:
    history = History(val=[{"generator_loss": 1.0}])
    settings = samples.settings(keep="last", patience=0, schedule="constant", epochs=5)
    assert history.losses(settings) == []
    assert history.best(settings) == 0 and not history.is_over(settings)
