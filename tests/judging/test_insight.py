"""What is seen of a network beside its answers."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from stages.core import choices, inputs
from stages.judging import attended, insight, surest
from stages.judging.verdict import Judged
from stages.modelling.attending import Attention
from tests import samples

CPU = torch.device("cpu")


def network(architecture: str, facts: Any, **hyper: Any) -> nn.Module:
    torch.manual_seed(0)
    model: nn.Module = choices.load("architectures", architecture).build(facts, **hyper)
    return model.eval()


def judged(model: nn.Module, facts: Any) -> Judged:
    split = samples.split(facts)
    with torch.inference_mode():
        outputs = model(inputs.ready(split.take(slice(0, len(split))), facts, device=CPU).x)
    return Judged(split.x.numpy(), split.y.numpy(), outputs.numpy())


@pytest.mark.parametrize(
    ("architecture", "facts", "names"),
    [
        ("mlp", samples.spec(), {"filters"}),
        ("attention", samples.texts_spec(), {"attention"}),
        ("bag_of_embeddings", samples.texts_spec(), set()),
        ("attention", samples.series_spec(), set()),
    ],
)
def test_each_kind_of_network_has_its_pictures(architecture: str, facts: Any, names: set[str]) -> None:
    model = network(architecture, facts)
    assert insight.pictures(model, facts, judged(model, facts)).keys() == names


def test_the_weights_that_are_drawn_are_those_of_the_network() -> None:
    facts = samples.texts_spec()
    model = network("attention", facts)
    test = judged(model, facts)
    figure = insight.pictures(nn.Sequential(model), facts, test)["attention"]
    row = surest.rows(test, attended.SHOWN)[0]
    x = torch.from_numpy(test.x[[row]]).long()
    with torch.inference_mode():
        weights = model.weigh(x)[0][x[0] != 0].numpy()
    drawn = [patch.get_alpha() for patch in figure.axes[0].patches][: len(weights)]
    np.testing.assert_allclose(drawn, weights / weights.max(), rtol=1e-5)


def test_attention_inside_of_a_network_that_does_not_weigh_words_is_not_drawn() -> None:
    facts = samples.texts_spec()
    model = network("bag_of_embeddings", facts)
    model.add_module("attention", Attention(4, "dot"))
    assert not insight.pictures(model, facts, judged(model, facts))


@pytest.mark.parametrize(
    ("architecture", "facts", "steps"),
    [
        ("transformer", samples.texts_spec(), 12),
        ("transformer", samples.series_spec(), 16),
        ("linear_forecaster", samples.series_spec(), 0),
        ("mlp", samples.spec(), 0),
    ],
)
def test_a_network_over_time_has_a_row_for_each_step_back(architecture: str, facts: Any, steps: int) -> None:
    model = network(architecture, facts)
    rows = list(insight.rows(model, facts, judged(model, facts)))
    assert [row[:3] for row in rows] == [("memory", "gradient", back) for back in range(len(rows))]
    assert steps - 3 <= len(rows) <= steps if steps else not rows
    assert all(float(row[3]) > 0 for row in rows)  # type: ignore[arg-type]


def test_more_examples_than_are_looked_at_are_taken_from_all_over_the_split(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    facts = samples.series_spec()
    model = network("recurrent", facts, cell="gru", width=8, hidden=8)
    test = judged(model, facts)
    seen = []
    monkeypatch.setattr(insight, "EXAMPLES", 3)
    monkeypatch.setattr(insight.memory, "fading", lambda _, x: seen.append(x) or np.zeros(0))
    assert not list(insight.rows(model, facts, test))
    middle, last = (len(test.y) - 1) // 2, len(test.y) - 1
    expected = inputs.scaled(torch.from_numpy(test.x[[0, middle, last]]), facts)
    torch.testing.assert_close(seen[0], expected)
