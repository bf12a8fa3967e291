"""Attributions: the axioms that they stand on, closed forms, and patches and words that were planted."""

from math import prod
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from stages.core import choices, inputs
from stages.core.errors import UserError
from stages.core.spec import PAD, Texts
from stages.judging import attributions
from stages.modelling import sequences, weights
from stages.modelling.sequences import Words
from tests import samples

RUNS = samples.params().models
CLASSIFIERS = [name for name, run in RUNS.items() if run.task == "classification"]
# The kind of data that a run's architecture takes, of those that have classes.
FACTS = {
    name: samples.fitting(choices.load("architectures", RUNS[name].architecture).build)[0]
    for name in CLASSIFIERS
}
OF_TEXTS = [name for name, facts in FACTS.items() if isinstance(facts, Texts)]
OF_IMAGES = [name for name in CLASSIFIERS if name not in OF_TEXTS]
CPU = torch.device("cpu")


def network(name: str) -> tuple[nn.Module, Any]:
    """The network of a run, its weights drawn at random, and facts of sample data for it."""
    run = RUNS[name]
    facts = FACTS[name]
    torch.manual_seed(0)
    hyper = run.hyper | ({"init": "xavier"} if name == "perceptron" else {})
    card = weights.Card(
        run=name, architecture=run.architecture, hyper=hyper, spec=facts, seed=0, threads=2, device="cpu"
    )
    return weights.build(card).eval(), facts


def examples(facts: Any, count: int = 4) -> Tensor:
    return inputs.ready(samples.split(facts).take(slice(0, count)), facts, device=CPU).x


def ask(model: nn.Module, x: Tensor, classes: list[int], name: str = "integrated_gradients") -> NDArray[Any]:
    return attributions.functions(model)[name](x, torch.tensor(classes))


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_the_sum_of_integrated_gradients_is_what_the_logit_gains(name: str) -> None:
    """The axiom of completeness: to 1 % of the largest gain where ReLU bends the way, else to rounding."""
    model, facts = network(name)
    x, classes = examples(facts), [0, 1, 2, 3]
    found = ask(model, x, classes)
    assert found.shape == tuple(x.shape) and found.dtype == np.float32
    with torch.no_grad():
        logits = model(x)[torch.arange(4), classes].numpy()
    gains = logits - ask(model, x, classes, "baseline")
    bends = any(isinstance(module, nn.ReLU) for module in model.modules())
    tolerance = (0.01 if bends else 1e-4) * np.abs(gains).max()
    assert np.abs(gains).max() > 1e-2
    np.testing.assert_allclose(found.reshape(4, -1).sum(axis=1), gains, atol=tolerance)


@pytest.mark.parametrize("name", OF_IMAGES)
def test_the_baseline_of_images_is_the_mean_image(name: str) -> None:
    model, facts = network(name)
    with torch.no_grad():
        logits = model(torch.zeros(1, *facts.shape))[0]
    found = ask(model, examples(facts), [3, 2, 1, 0], "baseline")
    np.testing.assert_allclose(found, logits.flip(0), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", OF_TEXTS)
def test_the_baseline_of_a_text_is_as_many_words_that_say_nothing_and_padding_gets_none(name: str) -> None:
    model, facts = network(name)
    x = examples(facts)
    found, baseline = ask(model, x, [0] * 4), ask(model, x, [0] * 4, "baseline")
    assert (found[(x == PAD).numpy()] == 0).all() and (x == PAD).any()
    embedding = sequences.entrance(model)
    assert isinstance(embedding, nn.Embedding)
    with torch.no_grad():
        embedding.weight.zero_()
        np.testing.assert_allclose(baseline, model(x)[:, 0], rtol=1e-5, atol=1e-6)


def test_of_a_linear_network_integrated_gradients_are_the_weights_times_the_way() -> None:
    model, facts = network("perceptron")
    x = examples(facts)
    with torch.no_grad():
        expected = model.linear.weight[[0, 1, 2, 3]].reshape(x.shape) * x
    np.testing.assert_allclose(ask(model, x, [0, 1, 2, 3]), expected, rtol=1e-4, atol=1e-6)


def test_of_a_product_each_factor_gets_half() -> None:
    """Closed form of f = x1 x2: the integral of t x2 over t, times x1."""

    class Product(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.prod(dim=1, keepdim=True)

    found = ask(Product(), torch.tensor([[3.0, -2.0]]), [0])
    np.testing.assert_allclose(found, [[-3.0, -3.0]], rtol=1e-5)


def test_a_gate_that_closes_within_a_small_part_of_the_way_is_not_stepped_over() -> None:
    class Gate(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return (100 * (x.mean(dim=1, keepdim=True) - 0.37)).sigmoid()

    np.testing.assert_allclose(ask(Gate(), torch.ones(1, 4), [0]), np.full((1, 4), 0.25), rtol=1e-3)


class Mapping(nn.Module):
    """Two convolutions, the mean over their places and a linear head; a convolution behind sees one place."""

    def __init__(self, *, behind: bool = False) -> None:
        super().__init__()
        # Registered in another order than they are called.
        self.last = nn.Conv2d(5, 5, 1) if behind else nn.Identity()
        self.conv = nn.Conv2d(2, 5, 3)
        self.first = nn.Conv2d(1, 2, 3)
        self.head = nn.Linear(5, 4)

    def forward(self, x: Tensor) -> Tensor:
        maps = self.conv(F.gelu(self.first(x)))
        return self.head(self.last(F.gelu(maps).mean(dim=(2, 3), keepdim=True)).flatten(1))


@pytest.mark.parametrize("behind", [False, True])
def test_grad_cam_is_the_formula_of_the_paper_at_the_last_convolution_over_places(behind: bool) -> None:
    """ReLU(sum_k alpha_k A_k), alpha_k the mean over all places of the gradient by A_k: in NumPy."""
    torch.manual_seed(0)
    model = Mapping(behind=behind).eval()
    x = torch.randn(3, 1, 9, 8)
    maps = model.conv(F.gelu(model.first(x))).detach().numpy().astype(float)  # (B, D, H', W')
    # The derivative of gelu by hand: Phi(a) + a phi(a).
    bend = 0.5 * (1 + torch.erf(torch.from_numpy(maps) / 2**0.5)).numpy()
    bend += maps * np.exp(-(maps**2) / 2) / np.sqrt(2 * np.pi)
    rows = model.head.weight[[1, 0, 3]].detach().numpy()
    if behind:
        rows = rows @ model.last.weight[:, :, 0, 0].detach().numpy()
    places = prod(maps.shape[2:])
    alpha = (rows[:, :, None, None] * bend / places).mean(axis=(2, 3))
    expected = np.maximum(np.einsum("bd,bdhw->bhw", alpha, maps), 0)
    found = ask(model, x, [1, 0, 3], "grad_cam")
    assert found.shape == (3, 5, 4) and found.any()
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-7)


def test_what_has_no_convolution_has_no_heat() -> None:
    assert "grad_cam" in attributions.functions(network("cnn")[0])
    assert "grad_cam" not in attributions.functions(network("mlp")[0])


def test_where_no_layer_tells_places_apart_there_is_no_heat() -> None:
    model = nn.Sequential(nn.Conv2d(1, 3, 8), nn.Flatten(), nn.Linear(3, 4))
    assert ask(model, torch.randn(2, 1, 8, 8), [0, 1], "grad_cam").shape == (2, 0, 0)


class Joined(nn.Module):
    """Two branches side by side, or added to what came in."""

    def __init__(self, *, adds: bool) -> None:
        super().__init__()
        self.adds = adds
        self.left, self.right = nn.Conv2d(2, 2, 1), nn.Conv2d(2, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        left, right = self.left(x), self.right(x)
        return x + left + right if self.adds else torch.cat([left, right], dim=1)


class Shared(nn.Module):
    """A block, and behind it one activation, in place, for the maps and for the features."""

    def __init__(self, *, adds: bool) -> None:
        super().__init__()
        self.block, self.act = Joined(adds=adds), nn.ReLU(inplace=True)
        self.head = nn.Linear(2 if adds else 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.act(self.act(self.block(x)).mean(dim=(2, 3))))  # (B, 2, H, W) -> (B, 3)


@pytest.mark.parametrize("adds", [False, True])
def test_grad_cam_is_taken_where_branches_are_joined_and_what_works_in_place_changes_nothing(
    adds: bool,
) -> None:
    """ReLU(sum_k alpha_k A_k) of all maps A_k of the block: of a ReLU, w_k times the part that it lets by."""
    torch.manual_seed(0)
    model, x = Shared(adds=adds).eval(), torch.randn(2, 2, 4, 5)
    with torch.no_grad():
        maps = model.block(x)
        lets = (maps > 0).float().mean(dim=(2, 3), keepdim=True)
        alpha = model.head.weight[[2, 1]][:, :, None, None] * lets / (4 * 5)
        expected = (alpha * maps).sum(dim=1).relu()
    found = ask(model, x, [2, 1], "grad_cam")
    assert found.any()
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)


def test_of_tokens_there_is_no_heat() -> None:
    class Tokens(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.patches, self.mixed, self.head = nn.Conv2d(1, 6, 4, 4), nn.Linear(6, 6), nn.Linear(6, 4)

        def forward(self, x: Tensor) -> Tensor:
            tokens = self.patches(x).flatten(2).transpose(1, 2)  # (B, 1, 8, 8) -> (B, 4, 6)
            return self.head(self.mixed(tokens).mean(dim=1))

    assert ask(Tokens(), torch.randn(2, 1, 8, 8), [0, 1], "grad_cam").shape == (2, 0, 0)


LAST = {
    **{"squeezenet1_0": 512, "densenet121": 1024, "googlenet": 1024, "resnet18": 512, "swin_t": 768},
    **{"vit_b_16": None, "alexnet": 256},
}


@pytest.mark.parametrize(("name", "count"), LAST.items(), ids=LAST)
def test_the_last_maps_are_all_that_the_head_sees(name: str, count: int | None) -> None:
    facts = samples.spec((3, 64, 64))
    model = choices.load("architectures", "torchvision_backbone").build(facts, name=name, side=64).eval()
    passed = attributions._passed(model, torch.randn(1, 3, 64, 64))
    place = attributions._last_maps(passed)
    assert (place and passed[place].shape[1]) == count


class Inline(nn.Module):
    """Branches that the network joins itself, in front of a layer."""

    def __init__(self, pool: nn.Module) -> None:
        super().__init__()
        self.left, self.right, self.pool = nn.Conv2d(2, 2, 1), nn.Conv2d(2, 3, 1), pool
        self.head = nn.Linear(5, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.pool(torch.cat([self.left(x), self.right(x)], dim=1)).mean(dim=(2, 3)))


@pytest.mark.parametrize("pool", [nn.AdaptiveAvgPool2d(1), nn.Identity()], ids=["pooled", "passed"])
def test_grad_cam_sees_all_branches_that_a_network_joins_in_front_of_a_layer(pool: nn.Module) -> None:
    """ReLU(sum_k w_k A_k / places) of all maps A_k."""
    torch.manual_seed(0)
    model, x = Inline(pool).eval(), torch.randn(2, 2, 4, 5)
    with torch.no_grad():
        maps = torch.cat([model.left(x), model.right(x)], dim=1)
        weights = model.head.weight[[2, 1]][:, :, None, None] / (4 * 5)
        expected = (weights * maps).sum(dim=1).relu()
    found = ask(model, x, [2, 1], "grad_cam")
    assert found.any()
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)


class Patch(nn.Module):
    """A class for the brightness of each quarter of an image."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 1, bias=False)
        nn.init.ones_(self.conv.weight)

    def forward(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(self.conv(x).relu(), 4).flatten(1)  # (B, 1, 8, 8) -> (B, 4)


@pytest.mark.parametrize("quarter", range(4))
def test_the_patch_that_decides_is_where_the_attributions_are(quarter: int) -> None:
    torch.manual_seed(0)
    x = torch.rand(1, 1, 8, 8) + 0.1
    inside = np.zeros((2, 2))
    inside.flat[quarter] = 1
    inside = np.kron(inside, np.ones((4, 4))).astype(bool)
    found = ask(Patch(), x, [quarter])[0, 0]
    assert (found[inside] > 0).all() and (found[~inside] == 0).all()


@pytest.mark.parametrize("name", OF_TEXTS)
def test_the_word_that_decides_gets_most_of_the_attributions(name: str) -> None:
    """A network whose one word has a vector at all: another word changes nothing, wherever it stands."""
    model, _ = network(name)
    embedding = sequences.entrance(model)
    assert isinstance(embedding, nn.Embedding)
    with torch.no_grad():
        vector = embedding.weight[7].clone()
        embedding.weight.zero_()
        embedding.weight[7] = vector
    found = ask(model, torch.tensor([[3, 4, 7, 5, 0], [7, 2, 3, 0, 0]]), [0, 1])
    assert np.abs(found).argmax(axis=1).tolist() == [2, 0]
    assert np.count_nonzero(found) == 2


def test_the_network_is_left_as_it_is_and_says_the_same_again() -> None:
    model, facts = network("cnn")
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    x = examples(facts)
    first, second = (
        {name: ask(model, x, [0, 1, 2, 3], name) for name in attributions.functions(model)} for _ in range(2)
    )
    assert all(first[name].tobytes() == second[name].tobytes() for name in first)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert not any(module._forward_hooks for module in model.modules())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_words_without_vectors_are_told() -> None:
    class Counts(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return F.one_hot(x, 30).sum(dim=1).float()

    with pytest.raises(UserError, match=r"^integrated gradients must .* word vectors \(.*, got Counts$"):
        ask(Counts(), torch.tensor([[1, 2]]), [0])


def test_vectors_that_are_not_of_the_words_are_passed_over() -> None:
    class Placed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.places, self.words, self.head = nn.Embedding(9, 6), Words(30, 6), nn.Linear(6, 4)

        def forward(self, x: Tensor) -> Tensor:
            places = self.places(torch.arange(x.shape[1]))
            vectors, _ = self.words(x)
            return self.head((vectors + places).tanh().mean(dim=1))

    torch.manual_seed(0)
    model, x = Placed(), torch.tensor([[4, 5, 6, 0]])
    found = ask(model, x, [2])
    assert found[0, 3] == 0 and found[0, :3].all()
    gain = model(x)[0, 2].item() - ask(model, x, [2], "baseline")[0]
    assert found.sum() == pytest.approx(gain, abs=1e-5)


class Beside(nn.Module):
    """Maps (B, 3, H, W) of a convolution, and beside them what no convolution sees, or the head does not."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how
        self.conv, self.pool = nn.Conv2d(1, 3, 3, padding=1), nn.AdaptiveAvgPool2d(4)
        self.gate, self.wide, self.head = nn.Conv2d(3, 3, 1), nn.Linear(64, 4), nn.Linear(3, 4)

    def maps(self, x: Tensor) -> Tensor:
        return self.conv(x).relu() if self.how == "twice" else self.conv(x)

    def forward(self, x: Tensor) -> Tensor:
        if self.how == "thumbnail":
            small = self.pool(x).mean(dim=(2, 3))
        maps = self.maps(x)
        logits = self.head(maps.mean(dim=(2, 3)))
        match self.how:
            case "wide":
                return logits + self.wide(x.flatten(1))
            case "thumbnail":
                return logits + small
            case "keyword":
                return self.head(nn.Flatten()(maps.mean(dim=(2, 3), keepdim=True)))
        return logits


@pytest.mark.parametrize("how", ["wide", "thumbnail", "keyword", "twice"])
def test_grad_cam_looks_at_what_a_convolution_went_into(how: str) -> None:
    torch.manual_seed(0)
    model, x = Beside(how).eval(), torch.randn(2, 1, 8, 8)
    with torch.no_grad():
        maps = model.conv(x)
        lets = (maps > 0).float() if how == "twice" else torch.ones_like(maps)
        alpha = model.head.weight[[2, 1]][:, :, None, None] * lets.mean(dim=(2, 3), keepdim=True) / 64
        expected = (alpha * maps).sum(dim=1).relu()
    found = ask(model, x, [2, 1], "grad_cam")
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)
