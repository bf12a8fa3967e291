"""Every run of params.yaml, and every architecture on every kind of data that it takes.

What is asked of a network is asked of all that it ships: of most there is one part, the network.
"""

import inspect
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from stages.core import choices, inputs, params, rooms
from stages.core.blocks import Run
from stages.core.errors import UserError
from stages.core.params import Params
from stages.core.spec import Spec, Texts
from stages.core.splits import Batch
from stages.exporting import onnx_file, parity, usage
from stages.modelling import sequences, weights
from stages.modelling.contracts import Objective
from stages.modelling.shipping import Ships
from tests import samples

PROJECT = params.load(samples.ROOT / "params.yaml")
FILES = sorted(file.stem for file in (choices.STAGES / "architectures").glob("[!_]*.py"))
# What a file must be told to be built at all.
REQUIRED: dict[str, dict[str, Any]] = {
    "recurrent": {"cell": "lstm", "bidirectional": True},
    "torchvision_backbone": {"name": "shufflenet_v2_x0_5", "side": 32},
}
# Where no run shows an architecture with that kind of data.
MINIMISED = {"images": "cross_entropy", "texts": "cross_entropy", "series": "forecast_error"}
# Beside the one of `samples`, of each kind.
SPECS: dict[str, list[Spec]] = {
    "images": [samples.spec(shape, classes=5) for shape in samples.SHAPES],
    "texts": [samples.texts_spec(), samples.texts_spec(time=1, classes=2)],
    "series": [samples.series_spec(), samples.series_spec(5, 9, columns=1, targets=1)],
}


class Block(NamedTuple):
    """A run, or a file of the room without one."""

    name: str
    architecture: str
    hyper: dict[str, Any]
    spec: Spec
    objective: str
    loss: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.name}-{self.spec.kind}"

    @property
    def shows(self) -> tuple[str, str]:
        """What it is an example of."""
        return self.architecture, self.spec.kind


def sized(project: Params) -> dict[str, Run]:
    """The runs that say all their sizes: those that start, or whose start starts, elsewhere need not."""
    elsewhere = set(project.pretrained)
    while more := {name for name, run in project.models.items() if run.start in elsewhere} - elsewhere:
        elsewhere |= more
    return {name: run for name, run in project.models.items() if name not in elsewhere}


def of_runs(runs: Mapping[str, Run]) -> Iterator[Block]:
    """Every run with the data that both its architecture and its objective take."""
    for name, run in runs.items():
        fitting = samples.fitting(choices.load("objectives", run.objective).build)
        for spec in samples.fitting(choices.load("architectures", run.architecture).build):
            if spec in fitting:
                yield Block(name, run.architecture, run.hyper, spec, run.objective, run.loss)


def of_files() -> Iterator[Block]:
    """Every file of the room with all data that it takes."""
    for file in FILES:
        for spec in samples.fitting(choices.load("architectures", file).build):
            yield Block(file, file, REQUIRED.get(file, {}), spec, MINIMISED[spec.kind], {})


def blocks() -> list[Block]:
    """Every run of params.yaml; what these do not show as the samples do, and what neither shows bare."""
    found: list[Block] = []
    for source in (of_runs(sized(PROJECT)), of_runs(samples.params().models), of_files()):
        shown = {block.shows for block in found}
        found += [block for block in source if block.shows not in shown]
    return found


BLOCKS = blocks()
SHAPED = [block._replace(spec=spec) for block in BLOCKS for spec in SPECS[block.spec.kind]]
every = pytest.mark.parametrize("block", BLOCKS, ids=str)
every_shape = pytest.mark.parametrize("block", SHAPED, ids=lambda block: f"{block}-{block.spec.shape}")


def build(block: Block, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return weights.build(card(block))


def outspoken(block: Block) -> nn.Module:
    """The same, with last layers that begin at zero drawn too: of what these say, anything would hold."""
    model = build(block)
    for weight in (one for one in model.parameters() if one.ndim > 1 and not one.any()):
        nn.init.normal_(weight, std=0.1)
    return model


def card(block: Block) -> weights.Card:
    return weights.Card(
        run=block.name,
        architecture=block.architecture,
        hyper=block.hyper,
        spec=block.spec,
        seed=0,
        threads=2,
        device="cpu",
    )


def batch(spec: Spec, count: int = 6) -> Batch:
    """Examples of the sample data, as networks take them."""
    raw = samples.split(spec).take(3 * torch.arange(count))
    return inputs.ready(raw, spec, device=torch.device("cpu"))


def objective(block: Block) -> Objective:
    built: Objective = rooms.build("objectives", block.objective, block.spec, block.loss, at="here")
    return built


def says(model: nn.Module, spec: Spec, x: Tensor, *, seed: int = 0) -> dict[str, Tensor]:
    """All that the parts of a network say of what they are given for `x`."""
    said = {}
    for name, shipped in usage.parts(model, spec).items():
        torch.manual_seed(seed)
        outputs = shipped.part(*shipped.given(x))
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        said |= {f"{name}.{key}": one for key, one in zip(shipped.outputs, outputs, strict=True)}
    return said


def test_every_file_of_the_room_is_tested() -> None:
    assert {block.architecture for block in BLOCKS} == set(FILES)


@every_shape
def test_inputs_become_finite_outputs_of_the_shape_that_the_spec_says(block: Block) -> None:
    model = outspoken(block)
    said = says(model, block.spec, batch(block.spec).x)
    assert all(len(outputs) == 6 and outputs.isfinite().all() for outputs in said.values())
    if not isinstance(model, Ships):
        assert {tuple(outputs.shape[1:]) for outputs in said.values()} == {block.spec.outputs}


@every_shape
def test_what_generates_or_rebuilds_gives_images(block: Block) -> None:
    model = build(block).eval()
    made = [model.sample(3, 0)] if hasattr(model, "sample") else []
    made += [model(batch(block.spec).x)] if hasattr(model, "decode") else []
    for pixels in made:
        assert pixels.shape[1:] == block.spec.shape
        assert pixels.min() >= 0 and pixels.max() <= 1


@every_shape
def test_every_parameter_gets_a_gradient(block: Block) -> None:
    model = build(block)
    for turn in objective(block).losses(model, batch(block.spec)):
        turn.loss.backward()
    assert [name for name, p in model.named_parameters() if p.grad is None] == []


@every
def test_the_seed_decides_the_first_weights(block: Block) -> None:
    first, again, other = (build(block, seed=seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    drawn = any(not torch.equal(first[name], other[name]) for name in first)
    assert drawn != (block.architecture == "perceptron")  # Rosenblatt's starts at zero


ALONE = [block for block in BLOCKS if block.objective != "adversarial"]  # no loss of two players falls


@pytest.mark.parametrize("block", ALONE, ids=str)
def test_one_batch_can_be_learnt_by_heart(block: Block) -> None:
    model, learnt, minimised = build(block), batch(block.spec, 10), objective(block)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    model.train()
    # Of what an image is drawn from only a part can be known by heart.
    # The perceptron's loss is zero where all scores tie, from where it begins.
    share = 0.75 if isinstance(model, Ships) else 0.2
    losses: list[float] = []
    while len(losses) < 10 or sum(losses[-10:]) / 10 > share * losses[0]:
        assert len(losses) < 100, losses
        (turn,) = minimised.losses(model, learnt)
        optimizer.zero_grad()
        turn.loss.backward()
        optimizer.step()
        losses.append(float(turn.loss.detach()))


@every
def test_a_file_of_weights_rebuilds_the_network(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    model, (x, _) = outspoken(block), batch(block.spec)
    says(model, block.spec, x)  # moves the running statistics of batch norm
    weights.save(model, card(block))
    rebuilt, read = weights.load(block.name)
    assert read == card(block)
    first, second = (says(one, block.spec, x) for one in (rebuilt, model.eval()))
    assert all(torch.equal(first[name], second[name]) for name in first)


@every
def test_the_same_weights_make_the_same_file(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    contents = []
    for _ in range(2):
        weights.save(build(block), card(block))
        contents.append((tmp_path / "models" / block.name / "model.safetensors").read_bytes())
    assert contents[0] == contents[1]


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


# One of each way to be shipped: an export takes seconds.
QUICK = {
    *(("perceptron", "images"), ("recurrent", "texts"), ("linear_forecaster", "series")),
    *(("autoencoder", "images"), ("dcgan", "images"), ("diffusion", "images")),
}


def exported() -> Iterator[Any]:
    """Every block; most are slow."""
    quick = QUICK.copy()
    for block in BLOCKS:
        slow = [] if block.shows in quick else [pytest.mark.slow]
        quick.discard(block.shows)
        yield pytest.param(block, marks=slow, id=str(block))


def resized(spec: Spec, x: Tensor, *, any_length: bool) -> Iterator[Tensor]:
    """Inputs in batches of other sizes and, where any length is taken, cut and made longer."""
    for count in (1, 2, 7):
        yield x[:count]
    if any_length:
        yield x[:, :1]
        yield F.pad(x, (0, 9)) if isinstance(spec, Texts) else torch.cat([x, x], dim=1)


@pytest.mark.parametrize("block", list(exported()))
def test_the_exported_files_say_what_the_network_says(block: Block, tmp_path: Path) -> None:
    model, spec, file = outspoken(block).eval(), block.spec, tmp_path / "model.onnx"
    any_length = sequences.is_any_length(model)
    for shipped in usage.parts(model, spec).values():
        onnx_file.write(shipped, card(block), file)
        session = onnx_file.session(file, threads=1)
        for x in resized(spec, batch(spec, 7).x, any_length=any_length):
            parity.prove(parity.both(shipped, session, x), run=block.name)
        for given in onnxruntime.InferenceSession(file).get_inputs():
            assert given.shape[0] == "batch" and all(isinstance(size, int) for size in given.shape[2:])
            assert not any_length or given.shape[1] == "time"
        if isinstance(spec, Texts):  # padding is no word to the file either
            x = batch(spec, 7).x.numpy()
            (longer,), (shorter,) = session(np.pad(x, [(0, 0), (0, 5)])), session(x)
            np.testing.assert_allclose(longer, shorter, atol=1e-5)
