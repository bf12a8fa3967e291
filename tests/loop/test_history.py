"""History: means over an epoch, and what follows from them."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from stages.core import paths
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


def test_a_part_with_several_turns_in_a_batch_has_their_mean() -> None:
    meter = Meter()
    for losses, examples in (((1.0, 2.0, 6.0), 3), ((5.0, 6.0, 10.0), 1)):
        turns = [Turn("critic", torch.tensor(loss), {"score": torch.tensor(-loss)}) for loss in losses]
        meter.add([*turns, Turn("generator", torch.tensor(2.0))], examples)
    assert meter.means() == pytest.approx({"critic_loss": 4.0, "score": -4.0, "generator_loss": 2.0})


def test_one_turn_a_batch_is_summed_as_it_is() -> None:
    losses, examples = torch.rand(200, generator=torch.Generator().manual_seed(0)), [63, 64] * 100
    meter, total = Meter(), torch.zeros(())
    for loss, count in zip(losses, examples, strict=True):
        meter.add([Turn("model", loss)], count)
        total = total + loss * count
    assert meter.means() == {"loss": float(total) / sum(examples)}


def written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *rates: dict[str, float]) -> list[str]:
    """The lines of the learning curves of a run with those rates."""
    monkeypatch.chdir(tmp_path)
    epochs = [{"loss": 1.0}] * len(rates)
    history = History(train=epochs, val=epochs, rates=list(rates), gradients=[{}] * len(rates))
    history.write("sample", samples.settings(epochs=len(rates)))
    return [line for line in paths.curves("sample").read_text().splitlines() if "rate" in line]


@pytest.mark.parametrize("names", [("model",), ("discriminator", "generator")])
def test_one_learning_rate_is_one_curve(
    names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rates = [dict.fromkeys(names, 0.5), dict.fromkeys(names, 0.25)]
    told = ["1,train,learning_rate,0.5,1", "2,train,learning_rate,0.25,0"]
    assert written(monkeypatch, tmp_path, *rates) == told


def test_learning_rates_of_parts_are_curves_of_their_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rates = {"discriminator": 0.5, "generator": 0.25}
    assert written(monkeypatch, tmp_path, rates) == [
        "1,train,discriminator_learning_rate,0.5,1",
        "1,train,generator_learning_rate,0.25,1",
    ]


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


def test_what_was_achieved_is_the_epoch_that_is_kept_and_its_measures() -> None:
    history = History(val=[{"loss": 0.5, "accuracy": 0.25}, {"loss": 0.25, "accuracy": 0.5}, {"loss": 1.0}])
    said = "epoch 2 kept: val loss 0.2500, val accuracy 0.5000"
    assert history.told(samples.settings(epochs=9)) == f"3 of 9 epochs, {said}"


@pytest.mark.parametrize(("keep", "kept"), [("best", 2), ("last", 4)])
def test_curves_say_which_epoch_is_kept(
    keep: str, kept: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of the two that look equal with six digits the lower one."""
    monkeypatch.chdir(tmp_path)
    losses = [{"loss": loss} for loss in (0.1234564, 0.1234561, 0.1234562, 0.9)]
    rates = [{"model": 0.5}] * len(losses)
    history = History(train=losses, val=losses, rates=rates, gradients=[{}] * len(losses))
    history.write("sample", samples.settings(keep=keep))
    rows = list(csv.DictReader(paths.curves("sample").read_text().splitlines()))
    assert {row["epoch"] for row in rows if row["kept"] == "1"} == {str(kept)}
    assert {row["kept"] for row in rows if row["epoch"] != str(kept)} == {"0"}


def test_seconds_are_told_only_where_they_are_those_of_all_epochs() -> None:
    history = History(val=[{"loss": 0.5}] * 3, seconds=[1.0, 0.26])  # the first was trained before a kill
    assert history.told(samples.settings(epochs=9)).startswith("3 of 9 epochs, epoch 1 kept")
    history.seconds.append(0.5)
    assert history.told(samples.settings(epochs=9)).startswith("3 of 9 epochs in 1.8 s, epoch 1 kept")
