"""The gradient through time, against closed forms."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from stages.core import choices, inputs
from stages.judging import memory
from stages.modelling import sequences
from tests import samples


class Fading(nn.Module):
    """A state that keeps a share of itself at every step: its gradient falls by that share, step by step."""

    def __init__(self, entry: nn.Module, keep: float) -> None:
        super().__init__()
        self.entry = entry
        self.head = nn.Linear(8, 4)
        self.keep = keep

    def forward(self, x: Tensor) -> Tensor:
        vectors, mask = self.entry(x)
        state = torch.zeros(len(x), vectors.shape[2])
        for step in range(vectors.shape[1]):
            state = torch.where(mask[:, step, None], self.keep * state + vectors[:, step], state)
        logits: Tensor = self.head(state)
        return logits


def texts(*lengths: int) -> Tensor:
    x = torch.zeros(len(lengths), max(lengths), dtype=torch.long)
    for row, length in zip(x, lengths, strict=True):
        row[:length] = torch.arange(length) % 5 + 2
    return x


def ready(facts: object) -> Tensor:
    return inputs.ready(samples.split(facts).take(slice(0, 40)), facts, device=torch.device("cpu")).x


def test_a_state_that_fades_shows_the_rate_at_which_it_does() -> None:
    model = Fading(sequences.Words(9, 8), keep=0.5).eval()
    found = memory.fading(model, texts(*[6] * 40))
    powers = 0.5 ** np.arange(6)
    np.testing.assert_allclose(found, powers / powers.mean(), rtol=1e-5)


def test_steps_are_counted_from_the_last_word_and_not_from_the_padding() -> None:
    model = Fading(sequences.Words(9, 8), keep=0.5).eval()
    short, long = 0.5 ** np.arange(3), 0.5 ** np.arange(5)
    expected = long / long.mean()
    expected[:3] = (expected[:3] + short / short.mean()) / 2
    np.testing.assert_allclose(memory.fading(model, texts(3, 5)), expected, rtol=1e-5)


def test_a_mean_over_the_words_forgets_none_of_them() -> None:
    facts = samples.texts_spec()
    model = choices.load("architectures", "bag_of_embeddings").build(facts, width=8).eval()
    np.testing.assert_allclose(memory.fading(model, texts(4, 7, 7)), 1, rtol=1e-5)


def test_steps_that_few_examples_reach_back_to_are_left_out() -> None:
    model = Fading(sequences.Words(9, 8), keep=0.9).eval()
    assert len(memory.fading(model, texts(*[4] * 39, 12))) == 4


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("facts", [samples.texts_spec(), samples.series_spec()], ids=["texts", "series"])
def test_looking_changes_nothing_of_the_network(cell: str, facts: object) -> None:
    model = choices.load("architectures", "recurrent").build(facts, cell=cell, width=8, hidden=8, dropout=0.5)
    model.eval()
    x = ready(facts)
    before = model(x)
    first, second = memory.fading(model, x), memory.fading(model, x)
    assert len(first) and np.isfinite(first).all()
    np.testing.assert_array_equal(first, second)
    assert not model.training
    assert all(weight.grad is None for weight in model.parameters())
    torch.testing.assert_close(model(x), before, rtol=0, atol=0)


def test_the_examples_that_are_looked_at_together_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = samples.series_spec()
    model = choices.load("architectures", "transformer").build(facts, width=8, heads=2, relative=True).eval()
    x = ready(facts)
    expected = memory.fading(model, x)
    monkeypatch.setattr(memory, "_AT_ONCE", 7)
    np.testing.assert_allclose(memory.fading(model, x), expected, rtol=1e-4)


def test_a_network_that_answers_the_same_to_everything_has_no_memory() -> None:
    model = Fading(sequences.Words(9, 8), keep=0.5).eval()
    nn.init.zeros_(model.head.weight)
    assert memory.fading(model, texts(4, 4)).size == 0


def test_a_network_without_steps_has_no_memory() -> None:
    assert memory.fading(nn.Linear(4, 2), torch.zeros(3, 4)).size == 0
