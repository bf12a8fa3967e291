"""Every hyper-parameter: all of its values build, each is heeded, and those that do not fit are told."""

import inspect
from itertools import combinations
from typing import Any, Literal, get_args, get_origin

import pytest
import torch
from torch import Tensor, nn

from stages.core import choices, rooms
from stages.core.errors import UserError
from stages.core.spec import Spec
from stages.modelling.shipping import Ships
from tests import samples
from tests.networks import BLOCKS, REQUIRED, Block, batch, objective, outspoken, says

BENDS = [{"activation": name} for name in ("relu", "leaky_relu", "sigmoid", "tanh", "gelu")]
DENSE = [*BENDS, {"init": "xavier"}, {"init": "kaiming"}, {"batch_norm": True}, {"dropout": 0.5}]
CONVOLVED = [*DENSE, {"pooling": "max"}, {"pooling": "avg"}]
RECURRENT = [
    *({"cell": cell, "bidirectional": both} for cell in ("rnn", "lstm", "gru") for both in (False, True)),
    *({"cell": "gru", "layers": layers, "dropout": 0.3} for layers in (1, 3)),
]
CODED = [*BENDS, {"init": "xavier"}, {"init": "kaiming"}, {"latent": 3}]
VARIANTS: dict[str, list[dict[str, Any]]] = {
    "perceptron": [{"init": "xavier"}],
    "mlp": [*DENSE, {"widths": [32, 16, 8]}],
    "cnn": [*CONVOLVED, {"channels": [4], "hidden": 8}],
    "cnn_gap": CONVOLVED,
    "torchvision_backbone": [
        {"name": "squeezenet1_1", "side": 32},
        {"name": "mobilenet_v3_small", "side": 32, "dropout": 0.5},
        {"name": "vit_b_32", "side": 0},
    ],
    "autoencoder": [*CODED, {"widths": [32, 16, 8]}],
    "conv_autoencoder": [*CODED, {"channels": [4]}, {"pooling": "avg"}, {"batch_norm": True}],
    "vae": [*CODED, {"widths": [32, 16]}],
    "gan": [{"latent": 5}],
    "dcgan": [{"latent": 5, "channels": 8}],
    "diffusion": [{"schedule": "linear"}, {"width": 16}, {"noise_steps": 100}],
    "bag_of_embeddings": [{"width": 5, "dropout": 0.5}],
    "recurrent": RECURRENT + [{"cell": "gru", "pooling": pooling} for pooling in ("last", "mean", "max")],
    "attention": RECURRENT + [{"score": score} for score in ("additive", "dot")],
    "transformer": [{"width": 6, "heads": 3}, {"width": 7, "heads": 1}, {"layers": 1, "dropout": 0.0}],
    "bert": [{"head": "words"}, {"pooling": "first"}, {"width": 6, "heads": 3, "hidden": 5}, {"layers": 1}],
    "linear_forecaster": [{"trend": 5}, {"trend": 5, "relative": False}, {"relative": False}],
}
HYPER = [
    block._replace(name=block.architecture, hyper=own)
    for block in {block.shows: block for block in BLOCKS}.values()
    for own in VARIANTS.get(block.architecture, [])
]


@pytest.mark.parametrize("block", HYPER, ids=lambda block: f"{block}-{block.hyper}")
def test_every_hyper_parameter_builds_a_network_that_answers(block: Block) -> None:
    said = says(outspoken(block), block.spec, batch(block.spec).x)
    assert all(len(outputs) == 6 and outputs.isfinite().all() for outputs in said.values())


# One of each architecture and kind of data, told no more than it must be.
BARE = [
    block._replace(name=block.architecture, hyper=REQUIRED.get(block.architecture, {}))
    for block in {block.shows: block for block in reversed(BLOCKS)}.values()
]
# What has no other value: names beyond count, and what that kind of data refuses, as other tests show.
APART = {
    ("torchvision_backbone", "name"),
    ("torchvision_backbone", "preset"),
    ("texts", "relative"),
    ("series", "spread"),
}
# The parts that drop, where others never do.
DROPPING = {"diffusion": ".second."}


def taken(block: Block) -> dict[str, inspect.Parameter]:
    """The hyper-parameters of its architecture."""
    return choices.keywords(choices.load("architectures", block.architecture).build)


def values(one: inspect.Parameter, given: Any) -> list[Any]:
    """What is given for a hyper-parameter, and what else could be: all choices, or another size."""
    if get_origin(one.annotation) is Literal:
        return list(get_args(one.annotation))
    match given:
        case bool():
            return [given, not given]
        case int():
            return [given, 2 * given or 1]
        case float():
            return [given, given / 2 or 0.5]
        case tuple():
            return [given, tuple(2 * size for size in given)]
    raise TypeError(f"{one}: say what else it could be")


def answers(model: nn.Module, block: Block) -> dict[str, Tensor]:
    """What it says in training, and of what is shipped in parts the losses too: of these not all are."""
    some = batch(block.spec)
    said = says(model.train(), block.spec, some.x)
    if isinstance(model, Ships):
        torch.manual_seed(0)
        turns = objective(block).losses(model, some)
        said |= {f"loss {n}": turn.loss for n, turn in enumerate(turns)}
    return said


def imprint(block: Block) -> dict[str, Tensor]:
    """The first weights, and what is answered with them."""
    model = outspoken(block)
    return {name: value.clone() for name, value in model.state_dict().items()} | answers(model, block)


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("block", BARE, ids=str)
def test_another_value_of_a_hyper_parameter_is_another_network(block: Block) -> None:
    ignored = []
    for key, one in taken(block).items():
        if not APART & {(block.architecture, key), (block.spec.kind, key)}:
            tried = values(one, block.hyper.get(key, one.default))
            built = [imprint(block._replace(hyper=block.hyper | {key: value})) for value in tried]
            ignored += [key for pair in combinations(built, 2) if same(*pair)]
    assert not ignored


@pytest.mark.parametrize("block", [block for block in BARE if "dropout" in taken(block)], ids=str)
def test_the_share_that_is_dropped_is_that_of_every_dropout_and_each_drops(block: Block) -> None:
    between = {"layers": 2} if "layers" in taken(block) else {}
    model = outspoken(block._replace(hyper=block.hyper | {"dropout": 0.375} | between))
    drops = [
        module
        for name, module in model.named_modules()
        if isinstance(module, nn.Dropout) and DROPPING.get(block.architecture, "") in name
    ]
    assert {drop.p for drop in drops} == {0.375}
    before = answers(model, block)
    for drop in drops:
        drop.p = 0.0
        assert not same(answers(model, block), before)
        drop.p = 0.375


@pytest.mark.parametrize("file", ["recurrent", "attention", "transformer"])
def test_texts_have_no_last_value_to_be_relative_to(file: str) -> None:
    hyper = REQUIRED.get(file, {}) | {"relative": True}
    with pytest.raises(UserError, match=r"^here\.relative must be false for texts, got true$"):
        rooms.build("architectures", file, samples.texts_spec(), hyper, at="here")


@pytest.mark.parametrize(
    ("file", "hyper", "told"),
    [
        ("transformer", {"width": 10, "heads": 4}, "here.heads must divide width (10), got 4"),
        ("bert", {"width": 10, "heads": 4}, "here.heads must divide width (10), got 4"),
        (
            "bert",
            {"length": 11},
            "here.length must be at least that of the longest text (12), got 11; "
            "or set datasets.sample.encode.length to 11",
        ),
        ("linear_forecaster", {"trend": 4}, "here.trend must be odd, or 0, got 4"),
    ],
)
def test_sizes_that_do_not_go_together_are_told(file: str, hyper: dict[str, Any], told: str) -> None:
    spec = samples.fitting(choices.load("architectures", file).build)[-1]
    with pytest.raises(UserError) as caught:
        rooms.build("architectures", file, spec, hyper, at="here")
    assert str(caught.value) == told


def test_the_defaults_are_the_textbooks_sizes() -> None:
    mnist, cifar = samples.spec((1, 28, 28), 10), samples.spec((3, 32, 32), 10)

    def shapes(name: str, spec: Spec) -> list[tuple[int, ...]]:
        model = rooms.build("architectures", name, spec, {}, at="here")
        return [tuple(p.shape) for p in model.parameters() if p.ndim > 1]

    assert shapes("mlp", mnist) == [(128, 784), (64, 128), (10, 64)]
    assert shapes("cnn", mnist) == [
        (32, 1, 3, 3), (64, 32, 3, 3), (128, 64, 3, 3), (512, 128 * 3 * 3), (10, 512),
    ]  # fmt: skip
    assert shapes("cnn_gap", cifar) == [
        (64, 3, 3, 3), (128, 64, 3, 3), (256, 128, 3, 3), (512, 256, 3, 3), (10, 512),
    ]  # fmt: skip
