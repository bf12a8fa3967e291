"""Every architecture, in every run of params.yaml, on every kind of image."""

from collections.abc import Iterator
from pathlib import Path

import onnxruntime
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from stages.core import params, rooms
from stages.core.spec import Spec
from stages.exporting import onnx_file, parity
from stages.modelling import weights
from tests import samples

RUNS = params.load(samples.ROOT / "params.yaml").models
ARCHITECTURES = sorted({run.architecture for run in RUNS.values()})


@pytest.fixture(params=samples.SHAPES, ids=str)
def spec(request: pytest.FixtureRequest) -> Spec:
    return samples.spec(request.param, classes=5)


@pytest.fixture(params=RUNS)
def run(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def build(run: str, spec: Spec, seed: int = 0, **own: object) -> nn.Module:
    torch.manual_seed(seed)
    return weights.build(card(run, spec, **own))


def card(run: str, spec: Spec, **own: object) -> weights.Card:
    block = RUNS[run]
    return weights.Card(run=run, architecture=block.architecture, hyper=block.hyper | own, spec=spec, seed=0)


def images(spec: Spec, count: int = 6) -> Tensor:
    return torch.randn(count, *spec.shape, generator=torch.Generator().manual_seed(0))


def test_every_file_of_the_room_is_tested_by_a_run() -> None:
    files = {file.stem for file in (rooms.STAGES / "architectures").glob("[!_]*.py")}
    assert files == set(ARCHITECTURES)


def test_images_become_finite_logits(run: str, spec: Spec) -> None:
    logits = build(run, spec)(images(spec))
    assert logits.shape == (6, 5)
    assert logits.isfinite().all()


def test_every_parameter_gets_a_gradient(run: str, spec: Spec) -> None:
    model = build(run, spec)
    F.cross_entropy(model(images(spec)), torch.arange(6) % 5).backward()
    assert [name for name, p in model.named_parameters() if p.grad is None] == []


def test_the_seed_decides_the_first_weights(run: str) -> None:
    spec = samples.spec()
    first, again, other = (build(run, spec, seed=seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    if RUNS[run].architecture != "perceptron":  # Rosenblatt's starts at zero
        assert any(not torch.equal(first[name], other[name]) for name in first)


def test_one_batch_can_be_learnt_by_heart(run: str) -> None:
    spec = samples.spec(classes=5)
    model, x, y = build(run, spec), images(spec, 10), torch.arange(10) % 5
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    model.train()
    for _ in range(100):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    with torch.no_grad():
        assert (model.eval()(x).argmax(1) == y).float().mean() >= 0.9


def test_a_file_of_weights_rebuilds_the_network(
    run: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    spec = samples.spec()
    model = build(run, spec)
    model(images(spec))  # moves the running statistics of batch norm
    weights.save(model, card(run, spec))
    rebuilt, read = weights.load(run)
    assert read == card(run, spec)
    assert torch.equal(rebuilt(images(spec)), model.eval()(images(spec)))


def test_the_same_weights_make_the_same_file(
    run: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    spec, contents = samples.spec(), []
    for _ in range(2):
        weights.save(build(run, spec), card(run, spec))
        contents.append((tmp_path / "models" / run / "model.safetensors").read_bytes())
    assert contents[0] == contents[1]


def hyper_variants() -> Iterator[tuple[str, dict[str, object]]]:
    conv = [{"pooling": pooling} for pooling in ("max", "avg")]
    bends = [{"activation": name} for name in ("relu", "leaky_relu", "sigmoid", "tanh", "gelu")]
    deep = [*bends, {"init": "xavier"}, {"init": "kaiming"}, {"batch_norm": True}, {"dropout": 0.5}]
    for run, options in (("mlp", deep), ("cnn", deep + conv), ("cnn_gap", deep + conv)):
        yield from ((run, own) for own in options)
    yield "mlp", {"widths": [32, 16, 8]}
    yield "cnn", {"channels": [4], "hidden": 8}
    yield "perceptron", {"init": "xavier"}


@pytest.mark.parametrize(("run", "own"), list(hyper_variants()), ids=str)
def test_every_hyper_parameter_builds_a_network_of_its_own(run: str, own: dict[str, object]) -> None:
    spec = samples.spec((1, 12, 12))
    logits = build(run, spec, **own)(images(spec))
    assert logits.shape == (6, 4) and logits.isfinite().all()


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


def test_the_exported_file_says_what_the_network_says(run: str, tmp_path: Path) -> None:
    spec = samples.spec()
    model = build(run, spec).eval()
    file = tmp_path / "model.onnx"
    onnx_file.write(model, card(run, spec), file)
    session = onnx_file.session(file, threads=1)
    for batch in (1, 2, 7):
        x = images(spec, batch)
        with torch.inference_mode():
            ours = model(x).numpy()
        assert parity.prove(ours, session(x.numpy()), run=run)["argmax_agreement"] == 1
    assert onnxruntime.InferenceSession(file).get_inputs()[0].shape == ["batch", *spec.shape]
