"""Every figure of the task, for generators whose faults are known."""

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from stages.core import files, paths, rooms, splits
from stages.core.errors import UserError
from stages.core.spec import Images
from stages.judging import distributions, neighbours, verdict
from stages.judging.figures import Figure
from stages.judging.subject import Subject
from stages.judging.verdict import Judged
from stages.tasks import generation
from tests import samples
from tests.compared import assert_better, declared

FACTS = samples.spec((1, 8, 8), classes=4)  # the class is which quarter of the rows is bright
SIZE = FACTS.size("test")
EACH = SIZE // 4

Sample = Callable[..., NDArray[Any]]


def write_referee(facts: Images) -> None:
    """A classifier that goes by the brightness of each band: its features (N, K) are its logits."""
    pixels, bands = math.prod(facts.shape), len(facts.classes)
    means = np.zeros((pixels, bands), np.float32)
    for k, rows in enumerate(np.array_split(np.arange(pixels), bands)):
        means[rows, k] = 1 / len(rows)
    constants = {"means": means, "same": np.eye(bands, dtype=np.float32)}
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["x"], ["flat"]),
            helper.make_node("MatMul", ["flat", "means"], ["brightness"]),
            helper.make_node("Gemm", ["brightness", "same"], ["logits"]),
        ],
        "referee",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", *facts.shape])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", bands])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    helper.set_model_props(model, {"spec": json.dumps(facts.model_dump())})
    paths.exported("cnn").mkdir(parents=True)
    onnx.save(model, paths.onnx("cnn"))


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    samples.write(FACTS)
    write_referee(FACTS)


def pixels(split: str) -> NDArray[np.float32]:
    """The images of a split as a generator draws them, class by class in turn."""
    x: NDArray[np.float32] = splits.load(FACTS, split).x.numpy().astype(np.float32) / 255
    return x


def copies(count: int, seed: int) -> NDArray[np.float32]:
    """What a generator draws that has learnt by heart."""
    return pixels("train")[:count]


def alike(count: int, seed: int) -> NDArray[np.float32]:
    """What a generator draws that has collapsed: an image of the second class, over and over."""
    return np.repeat(pixels("val")[1:2], count, axis=0)


def noise(count: int, seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).uniform(size=(count, *FACTS.shape)).astype(np.float32)


def subject(sample: Sample, *, referee: str = "cnn", **functions: Any) -> Subject:
    return samples.subject(FACTS, {"sample": sample, **functions}, referee=referee)


def build(**measure: Any) -> Any:
    return rooms.build("tasks", "generation", FACTS, measure, at="models.run.measure")


def judged(sample: Sample, *, measure: dict[str, Any] | None = None, **functions: Any) -> dict[str, Judged]:
    found: dict[str, Judged] = build(**measure or {}).ask(subject(sample, **functions))
    return found


def scores(sample: Sample, **functions: Any) -> dict[str, Any]:
    found: dict[str, Any] = build().metrics(judged(sample, **functions))
    return found


def elbo(x: Tensor) -> NDArray[np.float32]:
    """Minus the brightness of each image (N), in nats."""
    said: NDArray[np.float32] = -x.flatten(1).mean(dim=1).numpy()
    return said


def test_features_are_those_of_the_referee_in_the_order_of_the_split() -> None:
    found = judged(noise)
    assert list(found) == ["train", "val", "test", "samples"]
    for name in paths.SPLITS:
        split = splits.load(FACTS, name)
        bands = (split.x.numpy().reshape(len(split), 4, -1) / 255 - 0.5) / 0.25
        np.testing.assert_allclose(found[name].outputs, bands.mean(axis=2), atol=1e-5)
        np.testing.assert_array_equal(found[name].x, split.x)
        np.testing.assert_array_equal(found[name].y, split.y)
        np.testing.assert_array_equal(found[name].beside["chosen"], split.y)
    drawn = found["samples"]
    np.testing.assert_array_equal(drawn.y, drawn.outputs.argmax(axis=1))
    assert (drawn.x.dtype, drawn.x.shape) == (np.uint8, (SIZE, *FACTS.shape))


def test_of_a_large_train_split_as_many_images_are_seen_as_test_has_and_all_are_searched() -> None:
    large = FACTS.model_copy(update={"counts": FACTS.counts | {"train": (50,) * 4}})
    split = samples.split(large)
    files.write_tensors(paths.split("sample", "train"), {"x": split.x, "y": split.y})

    def last(count: int, seed: int) -> NDArray[np.float32]:
        return split.x[-count:].numpy().astype(np.float32) / 255

    found = judged(last)
    rows = [round(n * 199 / (SIZE - 1)) for n in range(SIZE)]
    np.testing.assert_array_equal(found["train"].x, split.x[rows])
    np.testing.assert_array_equal(found["train"].y, split.y[rows])
    assert set(found["train"].y.tolist()) == {0, 1, 2, 3}
    np.testing.assert_array_equal(found["samples"].beside["nearest"], found["samples"].x)
    assert (found["samples"].beside["distance"] == 0).all()


def test_the_scores_are_those_of_the_sets_that_were_asked() -> None:
    found, answers = scores(noise), judged(noise)
    features = {name: said.outputs for name, said in answers.items()}
    expected = distributions.scores(features, neighbours=3)
    assert {name: found[name] for name in expected} == expected
    for name, key in (("samples", "nearest_train"), ("test", "nearest_train_of_test")):
        near = neighbours.search(answers[name].x, splits.load(FACTS, "train"), device=torch.device("cpu"))
        assert found[key] == np.median(near.distance)
    assert found["nearest_train_ratio"] == found["nearest_train"] / found["nearest_train_of_test"]
    assert found["n"] == dict.fromkeys(("train", "val", "test", "samples"), SIZE)


def test_a_generator_that_copies_is_as_good_as_its_floor_and_told_by_its_distance_to_train() -> None:
    found = scores(copies)
    assert found["frechet_distance"] == pytest.approx(found["frechet_floor"])
    assert (found["precision"], found["recall"]) == (found["precision_floor"], found["recall_floor"])
    assert found["nearest_train"] == 0 < found["nearest_train_of_test"]
    assert (found["nearest_train_ratio"], found["entropy"]) == (0, 1)
    assert (found["class_share_least"], found["class_share_most"]) == (0.25, 0.25)


def test_a_generator_that_has_collapsed_is_told_by_its_recall_and_its_classes() -> None:
    found = scores(alike)
    assert found["recall"] == found["entropy"] == found["class_share_least"] == 0
    assert found["class_share_most"] == 1
    assert found["frechet_distance"] > 10 * found["frechet_floor"]
    assert found["per_class"] == {
        f"class {k}": {"share": float(k == 1), "share_test": 0.25} for k in range(len(FACTS.classes))
    }


def test_noise_is_far_from_the_data_and_not_precise() -> None:
    found = scores(noise)
    assert found["precision"] == 0
    assert found["frechet_distance"] > 10 * found["frechet_floor"]
    assert found["nearest_train_ratio"] > 1


def test_the_lower_bound_is_a_mean_over_the_test_images_with_its_bits() -> None:
    found = scores(noise, elbo=elbo)
    x = (pixels("test") - 0.5) / 0.25
    each = -x.reshape(SIZE, -1).mean(axis=1)
    assert found["elbo"] == pytest.approx(each.mean(), rel=1e-5)
    assert found["bits_per_dimension"] == pytest.approx(-each.mean() / math.log(2) / 64, rel=1e-5)
    assert judged(noise, elbo=elbo)["test"].beside["elbo"] == pytest.approx(each, rel=1e-5, abs=1e-6)


def test_a_bound_that_is_not_finite_is_told() -> None:
    with pytest.raises(UserError, match=rf"^run: elbo must be finite, got {SIZE} of {SIZE} that are not$"):
        scores(noise, elbo=lambda x: np.full(len(x), np.inf))


def test_every_run_has_the_same_scores_and_all_are_json() -> None:
    first = scores(noise)
    assert all(first[key] is None for key in ("elbo", "bits_per_dimension"))
    for other in (scores(copies), scores(alike, elbo=elbo)):
        assert list(other) == list(first)
        json.dumps(other, allow_nan=False)
    for column in declared(generation):
        assert column.told(scores(copies, elbo=elbo)[column.metric])


def test_distances_are_told_apart_whatever_the_scale_of_the_features() -> None:
    for column in (column for column in declared(generation) if "frechet" in column.metric):
        assert [column.told(value) for value in (1234.0, 12.0, 0.00123)] == ["1234", "12.00", "0.001230"]


def test_copies_are_better_than_a_single_black_image_in_every_column() -> None:
    def black(count: int, seed: int) -> NDArray[np.float32]:
        return np.zeros((count, *FACTS.shape), np.float32)

    assert_better(generation, scores(copies, elbo=lambda x: elbo(x) + 1), scores(black, elbo=elbo))


def test_test_images_that_stand_in_train_leave_the_ratio_undefined() -> None:
    split = splits.load(FACTS, "train")
    files.write_tensors(paths.split("sample", "test"), {"x": split.x, "y": split.y})
    found = scores(noise)
    assert (found["nearest_train_of_test"], found["nearest_train_ratio"]) == (0, None)


def test_sampling_and_how_many_are_the_users() -> None:
    asked = []

    def sample(count: int, seed: int, *, steps: int = 1) -> NDArray[np.float32]:
        asked.append((count, steps))
        return noise(count, seed)

    found = judged(sample, measure={"samples": 10, "sampling": {"steps": 4}})
    assert (asked, len(found["samples"].x), len(found["train"].x)) == ([(10, 4)], 10, SIZE)
    with pytest.raises(UserError, match=r"^models\.run\.measure\.sampling\.step is not known"):
        judged(sample, measure={"sampling": {"step": 4}})


def test_unasked_as_many_are_drawn_as_test_has() -> None:
    counts = {"train": (50,) * 4, "val": (20,) * 4, "test": (30,) * 4}
    few = FACTS.model_copy(update={"counts": counts})
    assert (generation.build(few).samples, generation.build(few, samples=7).samples) == (120, 7)


def test_data_of_which_only_some_classes_are_learnt_from_are_refused() -> None:
    some = FACTS.model_copy(update={"normal": FACTS.classes[:1]})
    told = r"^task generation must be given data without normal_classes, got 'sample'$"
    with pytest.raises(UserError, match=told):
        rooms.build("tasks", "generation", some, {}, at="models.run.measure")


@pytest.mark.parametrize(("measure", "fewest"), [({"neighbours": 64}, 64), ({"samples": 3}, 3)])
def test_more_neighbours_than_images_are_told(measure: dict[str, int], fewest: int) -> None:
    got = measure.get("neighbours", 3)
    with pytest.raises(UserError) as caught:
        build(**measure)
    told = f"neighbours must be less than the images that are compared ({fewest}), got {got}"
    assert str(caught.value) == f"models.run.measure.{told}"


def test_a_run_that_cannot_sample_and_one_without_a_referee_are_told() -> None:
    with pytest.raises(UserError, match=r"^models\.run\.task must be one .* which asks it to draw"):
        build().check(samples.subject(FACTS, {"forward": noise}, referee="cnn"))
    with pytest.raises(UserError) as caught:
        build().ask(subject(noise, referee="scratch"))
    rule = "models.run.referee must be a classifier's run for task generation, got 'scratch'"
    assert str(caught.value) == rule


def charts(sample: Sample) -> dict[tuple[str, str], dict[Any, float]]:
    found: dict[tuple[str, str], dict[Any, float]] = {}
    for chart, series, x, y in build().charts(judged(sample)):
        found.setdefault((chart, series), {})[x] = y
    return found


def test_the_charts_share_all_images_among_the_classes_and_the_distances() -> None:
    found = charts(alike)
    assert set(found) == {(chart, name) for chart in ("classes", "nearest") for name in ("samples", "test")}
    assert found["classes", "samples"] == {f"class {k}": float(k == 1) for k in range(4)}
    assert found["classes", "test"] == {f"class {k}": 0.25 for k in range(4)}
    (at,) = (x for x, share in found["nearest", "samples"].items() if share)
    assert at == pytest.approx(scores(alike)["nearest_train"], rel=0.02)
    assert found["nearest", "samples"].keys() == found["nearest", "test"].keys()


def drawn(figure: Figure) -> Iterator[NDArray[Any]]:
    return (np.asarray(image.get_array()) for axes in figure.axes for image in axes.images)


def test_the_figures_show_samples_and_suspects() -> None:
    answers = judged(copies)
    figures = build().figures(answers)
    assert set(figures) == {"samples", "neighbours"}
    (grid,) = drawn(figures["samples"])
    np.testing.assert_array_equal(grid[:8, :8], answers["samples"].x[0, 0])
    suspects = list(drawn(figures["neighbours"]))
    np.testing.assert_array_equal(suspects[:12], suspects[12:])


def test_all_that_is_declared_is_written_and_repeats_byte_for_byte() -> None:
    contents = []
    for _ in range(2):
        verdict.report("run", build(), FACTS, judged(noise, elbo=elbo), facts={}, pictures={})
        named = [paths.metrics("run"), paths.charts("run"), paths.predictions("run")]
        named += sorted(paths.figures("run").iterdir())
        contents.append({path.name: path.read_bytes() for path in named})
    assert contents[0] == contents[1]
    assert {"samples.png", "neighbours.png"} < contents[0].keys()


def test_the_template_is_vega_lite_and_draws_every_chart() -> None:
    text = (samples.ROOT / ".dvc/plots/generation.json").read_text(encoding="utf-8")
    template = json.loads(text)
    assert template["$schema"] == "https://vega.github.io/schema/vega-lite/v5.json"
    assert template["data"] == {"values": "<DVC_METRIC_DATA>"}
    assert all(f"datum.chart == '{chart}'" in text for chart, _ in charts(noise))
    assert all(f'"field": "{field}"' in text for field in ("series", "x", "up", "across", "rev"))
