"""Networks over time: padding is never seen, order is where it should be, and numpy written out agrees."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from stages.architectures import linear_forecaster, transformer
from stages.core import choices, inputs, rooms
from stages.core.spec import PAD, UNKNOWN, Series, Texts
from stages.modelling import sequences
from stages.modelling.attending import Attention
from stages.modelling.recurrence import Recurrence, reverse
from tests import samples

TEXTS, SERIES = samples.texts_spec(), samples.series_spec()
CELLS, POOLINGS = ("rnn", "lstm", "gru"), ("last", "mean", "max")
LENGTHS = torch.tensor([5, 1, 7, 3, 7])
Weights = dict[str, NDArray[Any]]


def takes(kind: type[Texts | Series]) -> list[str]:
    """The architectures for data of that kind."""
    files = sorted(file.stem for file in (choices.STAGES / "architectures").glob("[!_]*.py"))
    fitting = {file: samples.fitting(choices.load("architectures", file).build) for file in files}
    return [file for file in files if any(isinstance(spec, kind) for spec in fitting[file])]


def variants(kind: type[Texts | Series]) -> list[tuple[str, dict[str, Any]]]:
    """Every architecture for data of that kind; the recurrent one with each cell and pooling, both ways."""
    cells = [{"cell": cell, "pooling": pooling} for cell in CELLS for pooling in POOLINGS]
    return [
        *((file, {}) for file in takes(kind) if file != "recurrent"),
        *(("recurrent", own | {"bidirectional": both}) for own in cells for both in (True, False)),
        ("recurrent", {"cell": "gru", "layers": 2, "bidirectional": True}),
    ]


def build(file: str, spec: Texts | Series, **hyper: object) -> nn.Module:
    torch.manual_seed(0)
    model: nn.Module = rooms.build("architectures", file, spec, hyper, at="here")
    return model.eval()


def words(count: int = 8) -> Tensor:
    """Texts of several lengths, as networks take them."""
    return samples.split(TEXTS).x[:count].long()


def ragged() -> tuple[Tensor, Tensor]:
    """Vectors (B, T, D) with noise in the padding, and their mask."""
    states = torch.randn(len(LENGTHS), 7, 4, generator=torch.Generator().manual_seed(0))
    return states, torch.arange(7) < LENGTHS[:, None]


@pytest.mark.parametrize(("file", "hyper"), variants(Texts), ids=str)
@torch.no_grad()
def test_what_is_said_of_a_text_does_not_depend_on_how_much_padding_follows_it(
    file: str, hyper: dict[str, Any]
) -> None:
    model, x = build(file, TEXTS, **hyper), words()
    together = model(x)
    assert torch.allclose(model(F.pad(x, (0, 20), value=PAD)), together, atol=1e-5)
    for row, logits in zip(x, together, strict=True):
        assert torch.allclose(model(inputs.trimmed(row[None])), logits[None], atol=1e-5)


@pytest.mark.parametrize(("file", "hyper"), variants(Texts), ids=str)
def test_padding_gets_no_gradient(file: str, hyper: dict[str, Any]) -> None:
    model = build(file, TEXTS, **hyper)
    model(words()).square().sum().backward()
    gradient = next(module.weight.grad for module in model.modules() if isinstance(module, nn.Embedding))
    assert gradient is not None
    assert not gradient[PAD].any() and gradient[PAD + 1 :].any()


def test_reversing_twice_changes_nothing_and_padding_stays_in_its_place() -> None:
    states, mask = ragged()
    turned = reverse(states, LENGTHS)
    assert torch.equal(reverse(turned, LENGTHS), states)
    assert torch.equal(turned[~mask], states[~mask])
    for row, length in enumerate(LENGTHS):
        np.testing.assert_array_equal(turned[row, :length], states[row, :length].numpy()[::-1])


def test_pooling_is_that_of_numpy_over_the_steps_that_are_there() -> None:
    states, mask = ragged()
    rows = [row[:length].numpy() for row, length in zip(states, LENGTHS, strict=True)]
    np.testing.assert_allclose(sequences.mean(states, mask), [row.mean(axis=0) for row in rows], atol=1e-6)
    np.testing.assert_array_equal(sequences.maximum(states, mask), [row.max(axis=0) for row in rows])
    np.testing.assert_array_equal(sequences.at(states, LENGTHS - 1), [row[-1] for row in rows])


@torch.no_grad()
def test_a_bag_does_not_see_the_order_of_words_and_a_recurrence_does() -> None:
    x = words()
    x = x[(x != PAD).sum(dim=1) > 3]
    shuffled = x.gather(
        1, torch.where(x != PAD, torch.arange(x.shape[1]), -1).argsort(dim=1, descending=True)
    )
    assert not torch.equal(x, shuffled)
    bag = build("bag_of_embeddings", TEXTS)
    assert torch.allclose(bag(x), bag(shuffled), atol=1e-6)
    for cell in CELLS:
        model = build("recurrent", TEXTS, cell=cell)
        assert not torch.allclose(model(x), model(shuffled), atol=1e-3)


@torch.no_grad()
def test_a_transformer_sees_order_by_its_positions_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    x = torch.tensor([[5, 9, 3, 7]])
    model = build("transformer", TEXTS)
    assert not torch.allclose(model(x), model(x.flip(1)), atol=1e-3)
    monkeypatch.setattr(transformer, "positions", lambda vectors: torch.zeros_like(vectors[0]))
    assert torch.allclose(model(x), model(x.flip(1)), atol=1e-5)


def test_a_transformer_computes_alike_whether_it_is_to_learn_or_to_be_judged() -> None:
    model, x = build("transformer", TEXTS, width=32), words()
    with torch.inference_mode():
        judged = model(x)
    assert torch.equal(judged, model(x))


@pytest.mark.parametrize("width", [8, 7, 1])
def test_positions_are_the_sines_and_cosines_of_the_paper(width: int) -> None:
    found = transformer.positions(torch.zeros(3, 50, width))
    expected = np.empty((50, width))
    for t in range(50):
        for d in range(width):
            angle = t / 10000 ** (2 * (d // 2) / width)
            expected[t, d] = np.cos(angle) if d % 2 else np.sin(angle)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("kernel", [1, 3, 7, 25])
def test_the_moving_mean_is_that_of_numpy_with_the_ends_repeated(kernel: int) -> None:
    x = torch.randn(3, 16, 2, generator=torch.Generator().manual_seed(0))
    reach = kernel // 2
    padded = np.pad(x.numpy(), [(0, 0), (reach, reach), (0, 0)], mode="edge")
    expected = sliding_window_view(padded, kernel, axis=1).mean(axis=-1)
    np.testing.assert_allclose(linear_forecaster.moving_mean(x, kernel), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("file", "hyper"),
    [
        *(("recurrent", {"cell": cell, "bidirectional": True}) for cell in CELLS),
        *((file, {}) for file in takes(Series) if file != "recurrent"),
        ("linear_forecaster", {"trend": 5}),
    ],
    ids=str,
)
@torch.no_grad()
def test_a_relative_forecast_shifts_with_the_level(file: str, hyper: dict[str, Any]) -> None:
    x = torch.randn(4, *SERIES.shape, generator=torch.Generator().manual_seed(0))
    level = torch.tensor([10.0, -3.0, 0.5])
    relative, absolute = (build(file, SERIES, **hyper, relative=relative) for relative in (True, False))
    assert torch.allclose(relative(x + level), relative(x) + level[: SERIES.targets], atol=1e-4)
    assert not torch.allclose(absolute(x + level), absolute(x) + level[: SERIES.targets], atol=1e-1)


@torch.no_grad()
def test_a_linear_forecast_is_one_matrix_for_every_target() -> None:
    model = build("linear_forecaster", SERIES, relative=False)
    x = torch.randn(4, *SERIES.shape, generator=torch.Generator().manual_seed(0))
    state = {name: value.numpy() for name, value in model.state_dict().items()}
    matrix, bias = state["linear.weight"], state["linear.bias"]
    expected = np.einsum("ft,btc->bfc", matrix, x.numpy()[..., :2]) + bias[:, None]
    np.testing.assert_allclose(model(x), expected, atol=1e-5)


@pytest.mark.parametrize("score", ["additive", "dot"])
@torch.no_grad()
def test_attention_weighs_only_what_is_there_and_a_whole_in_all(score: Any) -> None:
    states, mask = ragged()
    attention = Attention(4, score)
    weights = attention.shares(states, mask)
    np.testing.assert_allclose(weights.sum(dim=1), np.ones(len(weights)), rtol=1e-6)
    assert not weights[~mask].any() and (weights[mask] > 0).all()


@pytest.mark.parametrize("score", ["additive", "dot"])
@torch.no_grad()
def test_attention_is_the_formula_of_its_paper(score: Any) -> None:
    states, mask = ragged()
    attention = Attention(4, score)
    state = {name: value.double().numpy() for name, value in attention.state_dict().items()}
    query = state["query.weight"][0]
    for row, length, found in zip(states.double().numpy(), LENGTHS, attention(states, mask), strict=True):
        h = row[:length]
        if score == "additive":
            scores = np.tanh(h @ state["hidden.0.weight"].T + state["hidden.0.bias"]) @ query
        else:
            scores = h @ query / np.sqrt(4)
        shares = np.exp(scores) / np.exp(scores).sum()
        np.testing.assert_allclose(found, shares @ h, atol=1e-5)


@torch.no_grad()
def test_an_attentive_network_tells_how_much_each_word_weighs() -> None:
    x = words()
    weights = build("attention", TEXTS).weigh(x)  # type: ignore[operator]
    assert weights.shape == x.shape
    assert not weights[x == PAD].any()
    np.testing.assert_allclose(weights.sum(dim=1), np.ones(len(x)), rtol=1e-6)


def sigmoid(x: NDArray[Any]) -> NDArray[Any]:
    return 1 / (1 + np.exp(-x))


def stepped(cell: str, weights: Weights, x: NDArray[Any]) -> NDArray[Any]:
    """The states (T, H) of one sequence (T, D), a step at a time, as torch's manual writes the cells."""
    w, u, b, c = (weights[name] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    h = memory = np.zeros(u.shape[1])
    states = []
    for step in x:
        given, kept = w @ step + b, u @ h + c
        match cell:
            case "rnn":
                h = np.tanh(given + kept)
            case "lstm":
                i, f, g, o = np.split(given + kept, 4)
                memory = sigmoid(f) * memory + sigmoid(i) * np.tanh(g)
                h = sigmoid(o) * np.tanh(memory)
            case "gru":
                (r, z, n), (kept_r, kept_z, kept_n) = np.split(given, 3), np.split(kept, 3)
                reset, update = sigmoid(r + kept_r), sigmoid(z + kept_z)
                h = (1 - update) * np.tanh(n + reset * kept_n) + update * h
        states.append(h)
    return np.array(states)


def recurrence(cell: Any, *, layers: int = 1, bidirectional: bool = True) -> Recurrence:
    torch.manual_seed(0)
    return Recurrence(cell, 4, hidden=3, layers=layers, dropout=0.0, bidirectional=bidirectional).eval()


@pytest.mark.parametrize("cell", CELLS)
@torch.no_grad()
def test_a_recurrence_is_what_numpy_steps_through_in_both_directions(cell: str) -> None:
    states, mask = ragged()
    layer = recurrence(cell)
    found = layer(states, mask)
    ahead, back = (
        {name.removesuffix("_l0"): p.double().numpy() for name, p in side[0].named_parameters()}
        for side in (layer.ahead, layer.back)
    )
    for row, length, ours in zip(states.double().numpy(), LENGTHS, found, strict=True):
        there = stepped(cell, ahead, row[:length])
        back_again = stepped(cell, back, row[:length][::-1])[::-1]
        np.testing.assert_allclose(ours[:length], np.hstack([there, back_again]), atol=1e-5)


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("cell", CELLS)
@torch.no_grad()
def test_a_recurrence_is_torchs_own_over_packed_sequences(
    cell: str, bidirectional: bool, layers: int
) -> None:
    states, mask = ragged()
    ours = recurrence(cell, layers=layers, bidirectional=bidirectional)
    kind = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell]
    theirs = kind(4, 3, num_layers=layers, batch_first=True, bidirectional=bidirectional)
    for depth in range(layers):
        for suffix, side in (("", ours.ahead), ("_reverse", ours.back))[: 1 + bidirectional]:
            for name, weight in side[depth].named_parameters():
                place = name.replace("_l0", f"_l{depth}{suffix}")
                theirs.get_parameter(place).copy_(weight)
    packed = pack_padded_sequence(states, LENGTHS, batch_first=True, enforce_sorted=False)
    expected, _ = pad_packed_sequence(theirs(packed)[0], batch_first=True)
    assert torch.allclose(ours(states, mask)[mask], expected[mask], atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
@torch.no_grad()
def test_the_last_state_of_each_direction_is_the_one_that_has_read_all(cell: str) -> None:
    states, mask = ragged()
    layer = recurrence(cell)
    pooled = layer.pool(layer(states, mask), mask, "last")
    kind = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell]
    theirs = kind(4, 3, batch_first=True, bidirectional=True)
    for suffix, side in (("", layer.ahead), ("_reverse", layer.back)):
        for name, weight in side[0].named_parameters():
            theirs.get_parameter(name + suffix).copy_(weight)
    _, ended = theirs(pack_padded_sequence(states, LENGTHS, batch_first=True, enforce_sorted=False))
    ended = ended[0] if cell == "lstm" else ended
    assert torch.allclose(pooled, torch.cat([ended[0], ended[1]], dim=1), atol=1e-5)


@pytest.mark.parametrize("spread", [1.0, 0.02])
def test_the_unknown_word_begins_at_zero_and_learns_where_it_stands_in_train(spread: float) -> None:
    vectors = sequences.Words(9, 4, spread=spread)
    weight = vectors.embedding.weight
    assert (weight == 0).all(dim=1).tolist() == [row in (PAD, UNKNOWN) for row in range(9)]
    vectors(torch.tensor([[UNKNOWN, 5, PAD]]))[0].sum().backward()
    assert weight.grad is not None
    assert weight.grad.any(dim=1).tolist() == [row in (UNKNOWN, 5) for row in range(9)]
