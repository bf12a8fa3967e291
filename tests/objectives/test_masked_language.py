"""Masked language modelling: the loss in numpy, over hidden words alone."""

from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from torch import Tensor, nn

from stages.core import inputs, masking, rooms
from stages.core.errors import UserError
from stages.core.spec import UNKNOWN
from stages.core.splits import Batch
from stages.modelling.contracts import Objective, Turn
from tests import samples

SPEC = samples.texts_spec()
WORDS = len(SPEC.vocabulary)
BATCH = inputs.ready(samples.split(SPEC).take(slice(0, 30)), SPEC, device=torch.device("cpu"))


class Guesser(nn.Module):
    """Keeps what it is asked, and answers with noise."""

    def __init__(self, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.dtype = dtype
        self.seen, self.hidden, self.logits = Tensor(), Tensor(), Tensor()

    def guess(self, x: Tensor, hidden: Tensor) -> Tensor:
        self.seen, self.hidden = x, hidden
        self.logits = torch.randn(int(hidden.sum()), WORDS).to(self.dtype)
        return self.logits


def objective(**loss: Any) -> Objective:
    found: Objective = rooms.build("objectives", "masked_language", SPEC, loss, at="models.sample.loss")
    return found


def turn(model: nn.Module, batch: Batch = BATCH, *, seed: int = 0, **loss: Any) -> Turn:
    torch.manual_seed(seed)
    (one,) = objective(**loss).losses(model, batch)
    return one


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_loss_is_the_mean_cross_entropy_of_the_hidden_words(dtype: torch.dtype) -> None:
    model = Guesser(dtype)
    one = turn(model)
    words, logits = BATCH.x[model.hidden].numpy(), model.logits.double().numpy()
    own = log_softmax(logits, axis=1)[np.arange(len(words)), words]
    assert one.part == "model" and one.loss.dtype == torch.float32
    assert float(one.loss) == pytest.approx(-own.mean(), rel=1e-4)
    assert float(one.measures["accuracy"]) == pytest.approx((logits.argmax(axis=1) == words).mean())
    assert set(one.measures) == set(objective().measures)


def test_most_hidden_words_are_masked_for_the_network_and_all_others_are_as_they_were() -> None:
    model = Guesser()
    turn(model)
    assert torch.equal(model.seen[~model.hidden], BATCH.x[~model.hidden])
    assert (model.seen[model.hidden] == masking.mask(SPEC)).float().mean() > 0.5


@pytest.mark.parametrize("share", [0.15, 0.4])
def test_the_share_is_that_of_the_words_of_each_text(share: float) -> None:
    model = Guesser()
    turn(model, share=share)
    known = (BATCH.x > UNKNOWN).sum(dim=1).tolist()
    assert model.hidden.sum(dim=1).tolist() == [max(1, round(share * n)) for n in known]


def test_labels_are_not_seen() -> None:
    other = Batch(BATCH.x, 1 - BATCH.y)
    assert turn(Guesser()).loss == turn(Guesser(), other).loss


def test_the_seed_decides_what_is_hidden() -> None:
    first, again, other = Guesser(), Guesser(), Guesser()
    for model, seed in ((first, 1), (again, 1), (other, 2)):
        turn(model, seed=seed)
    assert torch.equal(first.hidden, again.hidden) and torch.equal(first.seen, again.seen)
    assert not torch.equal(first.hidden, other.hidden)


def test_a_network_that_guesses_no_words_is_refused() -> None:
    told = "objective masked_language must be given an architecture with guess, got Linear"
    with pytest.raises(ValueError) as caught:
        objective().parts(nn.Linear(2, 2))
    assert str(caught.value) == told


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_share_is_neither_nothing_nor_all(share: float) -> None:
    with pytest.raises(UserError, match=r"^models\.sample\.loss\.share must be "):
        objective(share=share)
