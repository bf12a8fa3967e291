"""The loop: what it minimises, when it stops, what it keeps."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from stages.architectures import linear_forecaster, mlp, perceptron, recurrent
from stages.core.errors import UserError
from stages.core.spec import Spec
from stages.core.splits import Batch
from stages.loop import Job, batches, fit
from stages.loop.history import History
from stages.modelling import machine
from stages.modelling.contracts import Turn
from stages.modelling.supervised import Supervised
from stages.objectives import binary_cross_entropy, cross_entropy, squared_error
from stages.objectives import perceptron as perceptron_criterion
from tests import samples
from tests.fitted import SPEC, job, network, trained, weights


def test_it_learns() -> None:
    _, history = trained(epochs=8)
    assert history.train[-1]["loss"] < 0.5 * history.train[0]["loss"]
    assert history.val[-1]["accuracy"] > 0.9


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "rmsprop"])
def test_every_optimizer_learns(optimizer: str) -> None:
    _, history = trained(epochs=3, optimizer=optimizer)
    assert history.train[-1]["loss"] < history.train[0]["loss"]


@pytest.mark.parametrize("room", [cross_entropy, binary_cross_entropy, squared_error, perceptron_criterion])
def test_in_bf16_a_run_goes_as_in_fp32_but_for_rounding(room: ModuleType) -> None:
    losses = []
    for precision in ("fp32", "bf16"):
        history = fit(network(), room.build(SPEC), job(epochs=2, precision=precision, keep="last"))
        losses.append([epoch["loss"] for epoch in history.train])
    assert losses[0] != losses[1]
    assert losses[1] == pytest.approx(losses[0], rel=0.05)


def test_the_seed_decides_the_weights() -> None:
    (first, _), (again, _) = trained(epochs=2), trained(epochs=2)
    other = network()
    fit(other, cross_entropy.build(SPEC), job(seed=1, epochs=2))
    assert torch.equal(weights(first), weights(again))
    assert not torch.equal(weights(first), weights(other))


def test_the_weights_of_the_best_epoch_are_kept() -> None:
    settings = {"epochs": 6, "learning_rate": 0.3, "optimizer": "sgd", "momentum": 0.9}
    model, history = trained(**settings, keep="best")
    losses = [epoch["loss"] for epoch in history.val]
    best = losses.index(min(losses))
    assert best < 5, "a run whose last epoch is its best shows nothing"
    until, _ = trained(**settings | {"epochs": best + 1}, keep="last")
    assert torch.equal(weights(model), weights(until))


def test_the_weights_of_the_last_epoch_are_kept_where_asked() -> None:
    settings = {"epochs": 6, "learning_rate": 0.3, "optimizer": "sgd", "momentum": 0.9}
    (last, history), (best, _) = trained(**settings, keep="last"), trained(**settings, keep="best")
    assert history.best(samples.settings(keep="last")) == 5
    assert not torch.equal(weights(last), weights(best))


def test_what_nothing_measures_cannot_be_monitored() -> None:
    with pytest.raises(UserError, match=r"models.sample.fit.monitor must be one of loss, got 'accuracy'"):
        fit(network(), Breaking(), job(monitor="accuracy"))


def test_images_cannot_be_shifted_out_of_themselves() -> None:
    with pytest.raises(UserError, match=r"models.sample.fit.augment.shift must be less than the image \(8\)"):
        trained(augment={"shift": 8})


def of_kind(spec: Spec, **own: object) -> Job:
    """A job on another kind of data."""
    return replace(job(**own), spec=spec, train=samples.split(spec, seed=1), val=samples.split(spec, seed=2))


def test_it_learns_texts() -> None:
    facts = samples.texts_spec()
    model = recurrent.build(facts, cell="gru", width=16, hidden=16, pooling="max")
    history = fit(model, cross_entropy.build(facts), of_kind(facts, epochs=12))
    assert history.val[-1]["accuracy"] > 0.9


def test_it_learns_series() -> None:
    facts = samples.series_spec()
    mean_squared = Supervised(F.mse_loss)
    history = fit(linear_forecaster.build(facts), mean_squared, of_kind(facts, epochs=15))
    assert history.val[-1]["loss"] < 0.1 * history.val[0]["loss"]


@pytest.mark.parametrize(
    ("make", "own", "told"),
    [
        (samples.texts_spec, {"augment": {"flip": True}}, "augment must be off for texts, got flip"),
        (
            samples.series_spec,
            {"augment": {"shift": 1, "jitter": 0.1}},
            "augment must be off for series, got shift, jitter",
        ),
        (
            samples.series_spec,
            {"sampler": "balanced"},
            "sampler must be shuffled for series, which has no classes, got 'balanced'",
        ),
    ],
)
def test_what_only_other_data_can_take_is_refused(
    make: Callable[[], Spec], own: dict[str, object], told: str
) -> None:
    with pytest.raises(UserError) as caught:
        fit(network(), Breaking(), of_kind(make(), monitor="loss", **own))
    assert str(caught.value) == f"models.sample.fit.{told}"


def test_batch_norm_gets_no_batch_of_one() -> None:
    model = mlp.build(SPEC, widths=(16,), batch_norm=True)
    with pytest.raises(UserError, match=r"models.sample.fit.batch_size must leave no batch with one example"):
        fit(model, cross_entropy.build(SPEC), job(batch_size=1))


def test_it_stops_when_patience_is_over() -> None:
    _, history = trained(epochs=60, learning_rate=0.03, patience=3)
    losses = [epoch["loss"] for epoch in history.val]
    assert len(losses) < 60
    assert losses.index(min(losses)) == len(losses) - 1 - 3


def test_a_measure_is_monitored_by_its_highest_value() -> None:
    history = History(val=[{"accuracy": 0.5}, {"accuracy": 0.9}, {"accuracy": 0.7}])
    assert history.best(samples.settings(monitor="accuracy", keep="best")) == 1


@dataclass(frozen=True)
class Breaking:
    """An objective whose loss breaks in the second epoch."""

    measures: tuple[str, ...] = ()

    def parts(self, model: nn.Module) -> dict[str, nn.Module]:
        return {"model": model}

    def losses(self, model: nn.Module, batch: Batch) -> Iterator[Turn]:
        broken = float("nan") if Path("sample.broken").exists() else 1.0
        if not model.training:
            Path("sample.broken").touch()
        yield Turn("model", F.cross_entropy(model(batch.x), batch.y) * broken)


def test_a_loss_that_is_not_finite_stops_the_run_and_names_it() -> None:
    with pytest.raises(UserError, match=r"sample: loss of train is nan in epoch 2"):
        fit(network(), Breaking(), job(epochs=3))


def test_the_gradient_is_clipped_to_the_norm() -> None:
    before = weights(network())
    model, _ = trained(
        epochs=1, batch_size=64, optimizer="sgd", momentum=0.0, learning_rate=1.0, clip_norm=0.01, keep="last"
    )
    assert torch.linalg.vector_norm(weights(model) - before) == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize(("l1", "l2"), [(0.1, 0.0), (0.0, 0.1), (0.2, 0.3)])
def test_penalties_pull_on_weights_and_not_on_biases(l1: float, l2: float) -> None:
    plain = {"epochs": 1, "batch_size": 64, "optimizer": "sgd", "momentum": 0.0, "keep": "last"}
    start = dict(network().named_parameters())
    (free, _), (bound, _) = trained(**plain), trained(**plain, l1=l1, l2=l2)
    for (name, a), b in zip(free.named_parameters(), bound.parameters(), strict=True):
        w = start[name].detach()
        pull = 0.01 * (l1 * w.sign() + 2 * l2 * w) if a.ndim > 1 else torch.zeros_like(w)
        assert torch.allclose(a - b, pull, atol=1e-6), name


def test_gradient_norms_are_there_for_every_layer_and_epoch() -> None:
    _, history = trained(epochs=2)
    assert [list(epoch) for epoch in history.gradients] == [["hidden.0.0", "head"]] * 2
    assert all(norm > 0 for epoch in history.gradients for norm in epoch.values())


def perceptron_rule(x: np.ndarray, y: np.ndarray, rate: float, classes: int) -> list[np.ndarray]:
    """Rosenblatt's rule as textbooks print it, weights after every example; the bias is a weight of 1."""
    w = np.zeros((classes, x.shape[1] + 1), np.float32)
    steps = []
    for features, label in zip(np.c_[x, np.ones(len(x), np.float32)], y, strict=True):
        winner = int(np.argmax(w @ features))
        if winner != label:
            w[label] += np.float32(rate) * features
            w[winner] -= np.float32(rate) * features
        steps.append(w.copy())
    return steps


def test_the_perceptron_follows_the_textbooks_rule_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    task = job(epochs=1, batch_size=1, optimizer="sgd", momentum=0.0, learning_rate=0.5, keep="last")
    model = perceptron.build(SPEC)
    seen: list[np.ndarray] = []
    watched = torch.nn.Linear.forward

    def forward(layer: nn.Linear, x: Tensor) -> Tensor:
        if model.training:
            seen.append(np.c_[layer.weight.detach().numpy(), layer.bias.detach().numpy()])
        return watched(layer, x)

    monkeypatch.setattr(torch.nn.Linear, "forward", forward)
    fit(model, perceptron_criterion.build(SPEC), task)
    order = list(
        batches.shuffled(
            task.train, SPEC, task.settings, generator=machine.seed(0, epoch=1), device=task.device
        )
    )
    x = np.concatenate([batch.x.flatten(1).numpy() for batch in order])
    y = np.concatenate([batch.y.numpy() for batch in order])
    expected = perceptron_rule(x, y, 0.5, len(SPEC.classes))
    found = [*seen[1:], np.c_[model.linear.weight.detach().numpy(), model.linear.bias.detach().numpy()]]
    assert len(found) == len(expected) == SPEC.size("train")
    assert np.any(expected[-1])
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)
