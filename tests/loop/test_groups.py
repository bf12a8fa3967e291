"""Groups of parameters: who learns, when and how fast."""

from collections.abc import Iterable
from typing import Any

import pytest
import torch
from torch import Tensor, nn, optim

from stages.architectures import cnn_gap, gan, recurrent, torchvision_backbone
from stages.core.errors import UserError
from stages.core.fitting import Group
from stages.loop import Job, fit, groups, optimizers
from stages.loop.checkpoint import Checkpoint
from stages.modelling import machine
from stages.objectives import adversarial, cross_entropy
from tests import samples

SPEC = samples.spec()


def network() -> nn.Module:
    machine.seed(0)
    return cnn_gap.build(SPEC, channels=(4, 8), batch_norm=True, dropout=0.5)


def job(given: dict[str, Any], *, left: Iterable[str] = (), **own: object) -> Job:
    return Job(
        run="sample",
        spec=SPEC,
        settings=samples.settings(**{"batch_size": 16, "learning_rate": 0.01, "groups": given, **own}),
        seed=0,
        device=torch.device("cpu"),
        train=samples.split(SPEC, seed=1),
        val=samples.split(SPEC, seed=2),
        left=dict.fromkeys(left, "not there"),
        checkpoint=Checkpoint("sample", [given, own]),
    )


def fitted(given: dict[str, Any], **own: object) -> dict[str, Tensor]:
    model = network()
    fit(model, cross_entropy.build(SPEC), job(given, **{"epochs": 4, "keep": "last", **own}))
    return model.state_dict()


def moved(after: dict[str, Tensor]) -> set[str]:
    before = network().state_dict()
    return {name for name, tensor in after.items() if not torch.equal(tensor, before[name])}


def test_what_is_always_frozen_stays_as_it_was_the_statistics_of_batch_norm_too() -> None:
    assert moved(fitted({"body": {"parameters": "features.*", "frozen": "always"}})) == {
        "head.weight",
        "head.bias",
    }


def test_of_a_block_that_is_frozen_the_others_learn_on() -> None:
    still = {name for name in network().state_dict() if name.startswith("features.0.")}
    after = fitted({"first": {"parameters": "features.0.*", "frozen": "always"}})
    assert moved(after) == after.keys() - still


def test_frozen_for_some_epochs_it_learns_from_the_next_on() -> None:
    given = {"body": {"parameters": "features.*", "frozen": 3}}
    assert moved(fitted(given, epochs=4)) == network().state_dict().keys()


def test_of_a_gradual_run_the_frozen_epochs_are_those_of_a_run_that_is_always_frozen() -> None:
    still, gradual = (
        fit(
            network(),
            cross_entropy.build(SPEC),
            job({"body": {"parameters": "features.*", "frozen": frozen}}, epochs=3),
        ).val
        for frozen in ("always", 2)
    )
    assert still[:2] == gradual[:2] and still[2] != gradual[2]


def test_killed_before_or_after_it_is_unfrozen_a_run_ends_in_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = {"body": {"parameters": "features.*", "frozen": 2, "rate": 0.5}}
    whole = fitted(given)
    Checkpoint("sample", [given, {"epochs": 4, "keep": "last"}]).clear()
    save = Checkpoint.save
    for last in (1, 2, 3):

        def save_and_die(self: Checkpoint, state: dict[str, Any], last: int = last) -> None:
            save(self, state)
            if len(state["history"]["val"]) == last:
                raise KeyboardInterrupt

        monkeypatch.setattr(Checkpoint, "save", save_and_die)
        with pytest.raises(KeyboardInterrupt):
            fitted(given)
        monkeypatch.setattr(Checkpoint, "save", save)
        again = fitted(given)
        assert all(torch.equal(whole[name], again[name]) for name in whole)
        Checkpoint("sample", [given, {"epochs": 4, "keep": "last"}]).clear()


def test_frozen_recurrent_layers_stay_in_training_mode_as_cudnn_asks_for_gradients_through_them() -> None:
    model = recurrent.build(
        samples.texts_spec(), cell="lstm", layers=2, bidirectional=True, pooling="mean", dropout=0.5
    ).train()
    groups.freeze(model, {"body": Group(parameters="recurrence.*", frozen="always")}, epoch=1)
    recurrence = model.get_submodule("recurrence")
    within = {type(one) for one in recurrence.modules() if one.training}
    assert within == {nn.LSTM}
    vectors, mask = torch.rand(2, 3, 64, requires_grad=True), torch.ones(2, 3, dtype=torch.bool)
    assert torch.equal(recurrence(vectors, mask), recurrence(vectors, mask))
    recurrence(vectors, mask).sum().backward()
    assert vectors.grad is not None and all(one.grad is None for one in recurrence.parameters())


def test_steps_are_those_of_torch_with_the_same_groups() -> None:
    """SGD on a chain of three blocks; by hand the rate falls by half from block to block."""
    x = torch.rand(8, 4, generator=torch.Generator().manual_seed(3))
    ours, theirs = (nn.Sequential(*(nn.Linear(4, 4) for _ in range(3)), nn.Linear(4, 1)) for _ in "ab")
    theirs.load_state_dict(ours.state_dict())
    settings = samples.settings(
        optimizer="sgd",
        learning_rate=0.1,
        groups={"body": Group(parameters="[012].*", rate=0.5, decay=0.5)},
    )
    mine = optimizers.build(ours, settings, groups.factors(ours, settings.groups))
    optimizers.set_rates({"model": mine}, settings, 0.9)
    by_hand = [
        {"params": theirs[n].parameters(), "lr": 0.09 * rate} for n, rate in enumerate((0.125, 0.25, 0.5, 1))
    ]
    referee = optim.SGD(by_hand, momentum=settings.momentum)
    for _ in range(3):
        for model, optimizer in ((ours, mine), (theirs, referee)):
            optimizer.zero_grad()
            model(x).square().sum().backward()
            optimizer.step()
    assert all(torch.allclose(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))


def test_a_block_is_a_name_up_to_its_first_number() -> None:
    model = nn.Module()
    model.stem = nn.Linear(1, 1)
    model.layer = nn.ModuleList([nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1)) for _ in range(2)])
    model.block3 = nn.ModuleDict({"attention": nn.Linear(1, 1), "mlp": nn.Sequential(nn.Linear(1, 1))})
    found = groups.factors(model, {"all": Group(parameters="*", decay=0.5)})
    by_name = {name: found[one] for name, one in model.named_parameters() if name.endswith("weight")}
    assert by_name == {
        "stem.weight": 0.125,
        "layer.0.0.weight": 0.25,
        "layer.0.1.weight": 0.25,
        "layer.1.0.weight": 0.5,
        "layer.1.1.weight": 0.5,
        "block3.attention.weight": 1.0,
        "block3.mlp.0.weight": 1.0,
    }


@pytest.mark.parametrize(("name", "count"), {"googlenet": 12, "inception_v3": 16, "resnet18": 6}.items())
def test_branches_of_one_block_learn_alike(name: str, count: int) -> None:
    with torch.device("meta"):
        model = torchvision_backbone.build(samples.spec((3, 96, 96)), name=name, side=96)
    found = groups.factors(model, {"body": Group(parameters="backbone.*", decay=0.5)})
    assert len(set(found.values())) == count


def test_without_groups_every_parameter_learns_as_one() -> None:
    model = network()
    assert groups.factors(model, {}) == {}
    assert len(optimizers.build(model, samples.settings()).param_groups) == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"body": {"parameters": "backbone.*"}},
            r"fit\.groups\.body\.parameters must fit names of parameters, got 'backbone\.\*'; "
            r"names begin with features, head$",
        ),
        (
            {"body": {"parameters": "features.*"}, "first": {"parameters": "features.0.*"}},
            r"fit\.groups\.first\.parameters must fit none of group body, got features\.0\.0\.weight$",
        ),
        (
            {"all": {"parameters": "*", "frozen": 1}},
            r"fit\.groups must leave model something to learn in the first epoch, got all frozen$",
        ),
        (
            {"model": {"parameters": "head.*"}},
            r"fit\.groups\.model must have another name than the part model$",
        ),
    ],
)
def test_groups_that_do_not_fit_the_network_are_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError, match=told):
        fitted(given)


def test_of_a_gan_one_side_cannot_be_frozen_whole() -> None:
    given = {"generator": {"parameters": "generator.*", "frozen": "always"}}
    settings = {"g": given.pop("generator")}
    with pytest.raises(UserError, match=r"groups must leave generator something to learn"):
        fit(gan.build(SPEC), adversarial.build(SPEC), job(settings, keep="last"))


def test_what_the_start_left_at_random_is_not_frozen_for_good() -> None:
    first = next(name for name, _ in network().named_parameters() if name.startswith("features."))
    left = frozenset({first, "head.weight"})

    def stay(frozen: object) -> dict[str, Any]:
        return {"body": {"parameters": "features.*", "frozen": frozen}}

    expected = r"body\.frozen must be less than epochs \(2\) where the start left tensors as drawn"
    with pytest.raises(UserError, match=f"{expected}, got 'always' for {first} \\(not there\\)$"):
        fit(network(), cross_entropy.build(SPEC), job(stay("always"), left=left, epochs=2))
    fit(network(), cross_entropy.build(SPEC), job(stay(1), left=left, epochs=2))
    fit(network(), cross_entropy.build(SPEC), job(stay("always"), left=left - {first}, epochs=2))


def test_statistics_that_the_start_left_are_not_kept_for_good_either_but_their_count_may() -> None:
    mean, count = (
        next(name for name in network().state_dict() if name.endswith(end))
        for end in ("running_mean", "num_batches_tracked")
    )
    given = {"body": {"parameters": "features.*", "frozen": "always"}}
    with pytest.raises(UserError, match=f"for {mean} "):
        fit(network(), cross_entropy.build(SPEC), job(given, left=frozenset({mean}), epochs=1))
    fit(network(), cross_entropy.build(SPEC), job(given, left=frozenset({count}), epochs=1))
