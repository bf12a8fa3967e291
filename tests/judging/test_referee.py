"""The referee sees what torch sees, and a run that is none is told so."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from stages.core import inputs, paths
from stages.core.errors import UserError
from stages.core.spec import Images, Spec
from stages.exporting import onnx_file, usage
from stages.judging import referee
from stages.modelling import weights
from tests import samples

CLASSIFIERS: dict[str, dict[str, Any]] = {
    "perceptron": {"init": "xavier"},
    "mlp": {"widths": [9], "batch_norm": True},
    "cnn": {"channels": [4], "hidden": 6, "dropout": 0.5},
    "cnn_gap": {"channels": [4, 5]},
}
FACTS = samples.spec((1, 5, 9), classes=3)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def build(architecture: str, spec: Spec) -> tuple[nn.Module, weights.Card]:
    """A classifier none of whose weights is 0, where an exporter would leave biases out."""
    card = weights.Card(
        run="judge",
        architecture=architecture,
        hyper=CLASSIFIERS[architecture],
        spec=spec,
        seed=0,
        threads=2,
        device="cpu",
    )
    torch.manual_seed(0)
    model = weights.build(card).eval()
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn(parameter.shape)
    return model, card


def export(model: nn.Module, card: weights.Card) -> None:
    path = paths.onnx(card.run)
    path.parent.mkdir(parents=True)
    onnx_file.write(usage.parts(model, card.spec)["model"], card, path)


def seen_by_the_last_linear_layer(model: nn.Module, x: Tensor) -> Tensor:
    (*_, last) = (layer for layer in model.modules() if isinstance(layer, nn.Linear))
    seen: list[Tensor] = []
    with last.register_forward_pre_hook(lambda _, given: seen.append(given[0])), torch.inference_mode():
        model(x)
    return seen[0]


@pytest.mark.parametrize("architecture", CLASSIFIERS)
def test_features_are_what_the_last_linear_layer_sees(architecture: str, monkeypatch: Any) -> None:
    model, card = build(architecture, FACTS)
    export(model, card)
    monkeypatch.setattr(referee, "_AT_ONCE", 7)
    split = samples.split(FACTS)
    x = inputs.standardise(inputs.unit(split.x), FACTS)
    look = referee.read("judge", FACTS, threads=1, at="models.run").look(split.x.numpy())
    expected = seen_by_the_last_linear_layer(model, x).numpy()
    assert look.features.shape == expected.shape and look.features.dtype == np.float32
    np.testing.assert_allclose(look.features, expected, atol=1e-5)
    with torch.inference_mode():
        logits = model(x)
    np.testing.assert_allclose(look.logits, logits.numpy(), atol=1e-5)
    np.testing.assert_array_equal(look.chosen, logits.argmax(dim=1))


def graph(*nodes: Any, output: str = "logits", shape: tuple[int, ...] = (3, 4)) -> Any:
    """A graph over `x` with the constants `w` of that shape and `b` (4)."""
    constants = {"w": np.arange(np.prod(shape)).reshape(shape), "b": np.ones(4)}
    return helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", None, None, None])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in constants.items()],
    )


FLAT = helper.make_node("Flatten", ["x"], ["flat"])
HIDDEN = helper.make_node("Relu", ["flat"], ["hidden"])
PRODUCT = helper.make_node("MatMul", ["hidden", "w"], ["product"])


@pytest.mark.parametrize(
    "nodes",
    [
        [FLAT, HIDDEN, helper.make_node("Gemm", ["hidden", "w", "b"], ["logits"], transB=1)],
        [FLAT, HIDDEN, helper.make_node("MatMul", ["hidden", "w"], ["logits"])],
        [FLAT, HIDDEN, PRODUCT, helper.make_node("Add", ["product", "b"], ["logits"])],
        [
            *(FLAT, HIDDEN, PRODUCT, helper.make_node("Add", ["b", "product"], ["sum"])),
            helper.make_node("Add", ["sum", "b"], ["logits"]),
        ],
        [
            *(FLAT, HIDDEN, helper.make_node("Transpose", ["w"], ["turned"])),
            helper.make_node("MatMul", ["hidden", "turned"], ["logits"]),
        ],
    ],
    ids=["gemm", "matmul", "bias", "two biases", "turned"],
)
def test_the_last_linear_layer_is_found_behind_its_biases(nodes: list[Any]) -> None:
    assert referee.features(graph(*nodes)) == "hidden"


@pytest.mark.parametrize(
    "nodes",
    [
        [FLAT, helper.make_node("Relu", ["flat"], ["logits"])],
        [FLAT, HIDDEN, helper.make_node("MatMul", ["hidden", "flat"], ["logits"])],
        [FLAT, HIDDEN, helper.make_node("MatMul", ["w", "hidden"], ["logits"])],
        [FLAT, HIDDEN, PRODUCT, helper.make_node("Add", ["product", "flat"], ["logits"])],
        [FLAT, HIDDEN, helper.make_node("MatMul", ["hidden", "w"], ["pixels"])],
        [helper.make_node("Add", ["x", "b"], ["logits"])],
    ],
    ids=["no layer", "two inputs", "from the left", "residual", "other output", "no layer below"],
)
def test_logits_that_no_linear_layer_gives_have_no_features(nodes: list[Any]) -> None:
    assert referee.features(graph(*nodes)) is None


def write(run: str, content: Any, **facts: Any) -> None:
    """A file with that graph and those metadata."""
    model = helper.make_model(content)
    helper.set_model_props(model, {key: json.dumps(value) for key, value in facts.items()})
    paths.exported(run).mkdir(parents=True)
    onnx.save(model, paths.onnx(run))


def refusal(run: str, spec: Images = FACTS) -> str:
    with pytest.raises(UserError) as caught:
        referee.read(run, spec, threads=1, at="models.gan")
    return str(caught.value)


LINEAR = graph(FLAT, helper.make_node("Gemm", ["flat", "w"], ["logits"]))
RULE = "models.gan.referee must be a classifier's run for task generation, got"


def test_scratch_is_no_referee_though_it_has_a_file() -> None:
    paths.exported("scratch").mkdir(parents=True)
    paths.onnx("scratch").write_bytes(b"no graph")
    assert refusal("scratch") == f"{RULE} 'scratch'"


def test_a_run_that_is_not_exported_is_told_how() -> None:
    assert refusal("cnn") == "models/cnn/onnx/model.onnx is missing: run `dvc repro export@cnn` first"


def test_a_run_that_is_exported_in_parts_is_no_referee() -> None:
    paths.exported("vae").mkdir(parents=True)
    assert refusal("vae") == f"{RULE} 'vae'"


@pytest.mark.parametrize(
    ("content", "facts"),
    [
        (LINEAR, {}),
        (LINEAR, {"spec": samples.texts_spec().model_dump()}),
        (graph(FLAT, helper.make_node("Relu", ["flat"], ["logits"])), {"spec": FACTS.model_dump()}),
    ],
    ids=["no facts", "texts", "no linear layer"],
)
def test_what_is_no_classifier_of_images_is_no_referee(content: Any, facts: dict[str, Any]) -> None:
    write("other", content, **facts)
    assert refusal("other") == f"{RULE} 'other'"


@pytest.mark.parametrize("theirs", [samples.spec((1, 8, 8), classes=3), samples.spec((1, 5, 9), classes=4)])
def test_a_referee_of_other_images_or_classes_is_told(theirs: Images) -> None:
    write("other", LINEAR, spec=theirs.model_dump())
    assert refusal("other") == (
        "models.gan.referee must tell the 3 classes of 'sample' in images of shape (1, 5, 9), "
        f"got 'other' for the {len(theirs.classes)} of 'sample' in {theirs.shape}"
    )
