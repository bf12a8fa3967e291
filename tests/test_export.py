"""`python -m stages.export`: a file that is usable alone, and proved."""

import json
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray

from stages import export
from stages.architectures import perceptron
from stages.core import inputs, paths, spec, splits
from stages.core.errors import UserError
from stages.exporting import onnx_file, parity
from stages.exporting.parity import Said
from tests import project


@pytest.fixture(autouse=True)
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> torch.nn.Module:
    monkeypatch.chdir(tmp_path)
    project.configure()
    return project.train(project.preprocess())


def test_the_file_alone_turns_raw_pixels_into_named_classes(network: torch.nn.Module) -> None:
    export.main("perceptron")
    session = onnxruntime.InferenceSession(paths.onnx("perceptron"))
    told = {k: json.loads(v) for k, v in session.get_modelmeta().custom_metadata_map.items()}
    facts = spec.read("shapes")
    test = splits.load(facts, "test")
    mean, std = (np.array(told["preprocessing"][key]).reshape(-1, 1, 1) for key in ("mean", "std"))
    x = ((test.x.numpy() / 255 - mean) / std).astype(np.float32)
    (logits,) = session.run(None, {"x": x})
    (_, batch), *_ = inputs.walk(test, facts, device=torch.device("cpu"))
    with torch.no_grad():
        np.testing.assert_allclose(logits, network(batch.x).numpy(), atol=1e-5)
    assert tuple(told["classes"]) == project.CLASSES
    known = json.loads(Path("data/processed/shapes/spec.json").read_text())
    assert told["spec"] == {key: value for key, value in known.items() if key != "reading"}


def test_what_was_measured_is_of_the_whole_test_split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "_VALUES", 7 * 4 * 4)  # batches of at most seven
    export.main("perceptron")
    report = json.loads(paths.export("perceptron").read_text())
    assert report["n"] == project.SIZES["test"]
    assert report["argmax_agreement"] == 1
    assert report["max_abs_difference"] < 1e-5
    assert report["size_bytes"] == paths.onnx("perceptron").stat().st_size


def test_latency_is_the_median_of_what_the_calls_take(monkeypatch: pytest.MonkeyPatch) -> None:
    right, calls, seconds = onnx_file.session, count(), [0.0]

    def slow(path: Path, *, threads: int) -> onnx_file.Session:
        session = right(path, threads=threads)

        def run(x: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
            seconds[0] += len(x) * (9 if next(calls) % 5 == 0 else 0.002)
            return session(x)

        return run

    monkeypatch.setattr(onnx_file, "session", slow)
    monkeypatch.setattr(parity, "time", SimpleNamespace(perf_counter=lambda: seconds[0]))
    export.main("perceptron")
    timing = json.loads(paths.timing("export", "perceptron").read_text())["model"]
    assert timing == pytest.approx({"milliseconds_batch_1": 2, "milliseconds_batch_32": 64})


def test_the_same_weights_make_the_same_file_without_a_path_of_this_machine(tmp_path: Path) -> None:
    export.main("perceptron")
    first = paths.onnx("perceptron").read_bytes()
    export.main("perceptron")
    assert paths.onnx("perceptron").read_bytes() == first
    assert str(Path(export.__file__).parent).encode() not in first
    assert str(tmp_path).encode() not in first


def test_a_file_that_is_another_network_never_takes_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    right = onnx_file.session

    def wrong(path: Path, *, threads: int) -> onnx_file.Session:
        session = right(path, threads=threads)
        return lambda x: tuple(one * np.float32(1.01) for one in session(x))

    monkeypatch.setattr(onnx_file, "session", wrong)
    with pytest.raises(UserError, match=r"the export of perceptron is not its network: outputs differ by"):
        export.main("perceptron")
    assert not list(paths.exported("perceptron").parent.glob("onnx*"))


def test_a_file_that_cannot_be_run_never_takes_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_file, "write", lambda _, __, path: path.write_text("no network"))
    with pytest.raises(UserError, match=r"^model\.onnx must be what onnxruntime can run: \S[^\n]*$"):
        export.main("perceptron")
    assert not list(paths.exported("perceptron").parent.glob("onnx*"))


def test_what_onnx_has_no_operation_for_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def forward(_: object, x: torch.Tensor) -> torch.Tensor:
        return torch.linalg.svdvals(x[:, 0, :3])[:, None].expand(-1, 3)

    monkeypatch.setattr(perceptron.Perceptron, "forward", forward)
    told = r"^models\.perceptron: perceptron must be what torch can export to ONNX: \S[^\n]*$"
    with pytest.raises(UserError, match=told):
        export.main("perceptron")
    assert not list(paths.exported("perceptron").parent.glob("onnx*"))


def test_one_class_that_changes_is_one_too_many() -> None:
    ours = np.array([[0.0, 1e-6], [1.0, 0.0]], np.float32)
    theirs = np.array([[1e-6, 0.0], [1.0, 0.0]], np.float32)
    with pytest.raises(UserError, match=r"name the same class 50.00%"):
        parity.prove({"logits": Said(ours, theirs)}, run="sample")
    assert "argmax_agreement" not in parity.prove({"latent": Said(ours, theirs)}, run="sample")


def test_of_forecasts_only_the_difference_is_told_and_held() -> None:
    ours = np.random.default_rng(0).normal(size=(5, 4, 2)).astype(np.float32)
    close, far = ({"forecast": Said(ours, ours + np.float32(d))} for d in (1e-6, 0.01))
    assert parity.prove(close, run="sample").keys() == {"max_abs_difference", "n"}
    with pytest.raises(UserError, match=r"the export of sample is not its network: outputs differ by 0\.01"):
        parity.prove(far, run="sample")


def test_of_several_outputs_the_one_that_differs_most_is_told() -> None:
    ours = np.zeros((5, 2), np.float32)
    said = {name: Said(ours, ours + np.float32(d)) for name, d in (("mu", 1e-6), ("log_var", 3e-6))}
    assert parity.prove(said, run="sample")["max_abs_difference"] == pytest.approx(3e-6)


@pytest.mark.parametrize(("scale", "is_proved"), [(1.0, False), (1000.0, True)])
def test_rounding_grows_with_what_is_rounded(scale: float, is_proved: bool) -> None:
    ours = np.full((5, 2), scale, np.float32)
    said = {"forecast": Said(ours, ours + np.float32(0.01))}
    if is_proved:
        assert parity.prove(said, run="sample")["max_abs_difference"] == pytest.approx(0.01, rel=0.01)
    else:
        with pytest.raises(UserError, match=r"rounding of float32 explains 0\.0001$"):
            parity.prove(said, run="sample")


def test_what_is_no_number_proves_nothing() -> None:
    ours = np.array([[np.nan, 1.0]], np.float32)
    with pytest.raises(UserError, match=r"the export of sample is not its network: outputs differ by nan"):
        parity.prove({"pixels": Said(ours, ours)}, run="sample")


def test_a_network_in_parts_is_reported_as_one() -> None:
    reports = [
        {"size_bytes": 3, "max_abs_difference": d, "n": n, "argmax_agreement": 1.0}
        for d, n in ((0.1, 9), (0.2, 5))
    ]
    assert parity.together(reports) == {
        "size_bytes": 6, "max_abs_difference": 0.2, "n": 5, "argmax_agreement": 1.0,
    }  # fmt: skip
    del reports[0]["argmax_agreement"]
    assert "argmax_agreement" not in parity.together(reports)


def test_what_is_achieved_is_told_with_the_names_of_the_files() -> None:
    report = {"size_bytes": 3000, "max_abs_difference": 2.5e-7, "n": 5}
    said = "encoder.onnx, decoder.onnx, 3,000 bytes, at most 2.5e-07 from PyTorch on 5 test examples"
    assert parity.told(report, ["encoder", "decoder"]) == said
    whole = parity.told(report | {"argmax_agreement": 1.0}, ["model"])
    assert whole.endswith("on 5 test examples, each in the class that PyTorch names")
