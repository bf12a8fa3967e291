"""Snapshots: the same latents, drawn after epochs from the first to the last."""

from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from stages.architectures import gan, mlp
from stages.core import paths
from stages.core.stored import Stored
from stages.loop import Job, fit, snapshots
from stages.loop.history import History
from stages.modelling.contracts import Objective
from stages.objectives import adversarial, cross_entropy
from tests import samples
from tests.fitted import job as sample_job

SPEC = samples.spec(each=9)


def job(*, epochs: int, seed: int) -> Job:
    return sample_job(seed, SPEC, epochs=epochs, keep="last")


def fitted(epochs: int, *, seed: int = 5) -> tuple[nn.Module, History]:
    torch.manual_seed(7)
    model = gan.build(SPEC, latent=4, widths=(16,), batch_norm=True, dropout=0.1)
    return model, fit(model, adversarial.build(SPEC), job(epochs=epochs, seed=seed))


def drawn(epochs: int, *, seed: int = 5) -> Tensor:
    """What a network that is trained for so many epochs makes of the latents of a seed, as bytes."""
    model, _ = fitted(epochs)
    with torch.no_grad():
        pixels: Tensor = model.eval().sample(snapshots.LATENTS, seed)  # type: ignore[operator]
    return (255 * pixels).round().to(torch.uint8)


@pytest.mark.parametrize("epochs", [1, 2, 7, 8, 9, 20, 150])
def test_they_are_taken_evenly_from_the_first_epoch_to_the_last(epochs: int) -> None:
    due = [epoch for epoch in range(1, epochs + 1) if snapshots.is_due(epoch, epochs)]
    assert len(due) == min(epochs, snapshots.SHOWN)
    assert (due[0], due[-1]) == (1, epochs)
    gaps = [after - before for before, after in pairwise(due)] or [1]
    assert max(gaps) - min(gaps) <= 1


def test_each_epoch_has_what_the_network_makes_then_of_the_latents_of_the_seed() -> None:
    _, history = fitted(3)
    assert list(history.snapshots) == [1, 2, 3]
    for epoch, shown in history.snapshots.items():
        assert torch.equal(shown, drawn(epoch)), epoch
    assert not torch.equal(history.snapshots[1], history.snapshots[3])
    assert not torch.equal(history.snapshots[3], drawn(3, seed=6))


def test_they_are_written_by_their_epochs() -> None:
    _, history = fitted(2)
    history.write("sample", job(epochs=2, seed=5).settings)
    written = Stored(paths.snapshots("sample")).tensors
    assert set(written) == {"1", "2"}
    assert all(torch.equal(written[str(epoch)], shown) for epoch, shown in history.snapshots.items())


def test_what_generates_nothing_leaves_none() -> None:
    objective: Objective = cross_entropy.build(SPEC)
    history = fit(mlp.build(SPEC), objective, job(epochs=2, seed=5))
    history.write("sample", job(epochs=2, seed=5).settings)
    assert history.snapshots == {} == Stored(paths.snapshots("sample")).tensors
