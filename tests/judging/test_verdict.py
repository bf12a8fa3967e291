"""What is written of a run, and the answers it is written from."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from stages.core import paths, rooms, splits
from stages.core.errors import UserError
from stages.core.spec import Spec
from stages.judging import figures, inference, verdict
from stages.judging.verdict import Judged
from stages.modelling import machine
from tests import project, samples

TASK = rooms.load("tasks", "classification")


CPU = torch.device("cpu")


@pytest.fixture
def facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Spec:
    monkeypatch.chdir(tmp_path)
    return project.preprocess()


def answers(facts: Spec) -> dict[str, Judged]:
    """Judgements drawn at random on the splits of `facts`."""
    draw = np.random.default_rng(0)
    judged, _ = inference.judge(
        facts.dataset,
        facts,
        lambda x: draw.normal(size=(len(x), len(facts.classes))),
        device=CPU,
        batch_size=7,
    )
    return judged


def report(facts: Spec, judged: dict[str, Judged]) -> None:
    verdict.report("run", TASK, facts, judged, facts={"seed": 3}, pictures={"more": figures.message("more")})


def test_a_network_is_judged_on_standardised_pixels_in_the_order_of_the_split(facts: Spec) -> None:
    model = machine.place(project.train(facts), CPU)
    judged, throughput = inference.judge(
        facts.dataset, facts, inference.network(model), device=CPU, batch_size=7
    )
    assert throughput > 0
    for name, found in judged.items():
        split = splits.load("shapes", name)
        pixels = (split.x.float() / 255 - facts.mean[0]) / facts.std[0]
        with torch.inference_mode():
            expected = model(pixels).numpy()
        np.testing.assert_allclose(found.outputs, expected, rtol=1e-5, atol=1e-5)
        assert found.outputs.dtype == np.float32
        assert (found.y == split.y.numpy()).all()


def test_a_classical_method_sees_the_channels_of_a_colour_image_one_after_the_other(tmp_path: Path) -> None:
    facts = samples.spec((3, 4, 5), classes=3, each=2)
    split = samples.split(tmp_path / "test.safetensors", facts)
    expected = (split.x.float() / 255 - 0.5) / 0.25
    np.testing.assert_allclose(inference.rows(split, facts), expected.reshape(len(split), -1), rtol=1e-6)
    answer = inference.classical(lambda x: x[:, :3])
    np.testing.assert_allclose(answer(expected), expected[:, 0, 0, :3], rtol=1e-6)


def test_predictions_are_the_outputs_and_labels_of_the_test_split(facts: Spec) -> None:
    judged = answers(facts)
    report(facts, judged)
    kept = load_file(paths.predictions("run"))
    assert set(kept) == {"outputs", "y"}
    np.testing.assert_array_equal(kept["outputs"], judged["test"].outputs)
    np.testing.assert_array_equal(kept["y"], splits.load("shapes", "test").y.numpy())


def test_facts_join_the_metrics_and_pictures_the_figures(facts: Spec) -> None:
    report(facts, answers(facts))
    assert project.metrics("run")["seed"] == 3
    assert {path.name for path in paths.figures("run").iterdir()} == {"mistakes.png", "more.png"}


def test_a_figure_of_an_earlier_report_does_not_stay(facts: Spec) -> None:
    paths.figures("run").mkdir(parents=True)
    (paths.figures("run") / "old.png").write_bytes(b"")
    report(facts, answers(facts))
    assert not (paths.figures("run") / "old.png").exists()


def test_a_report_repeats_byte_for_byte(facts: Spec) -> None:
    report(facts, answers(facts))
    first = project.declared("run")
    report(facts, answers(facts))
    assert project.declared("run") == first


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_outputs_that_are_no_numbers_are_refused_before_anything_is_written(
    facts: Spec, value: float
) -> None:
    judged = answers(facts)
    judged["val"].outputs[4, 1] = value
    with pytest.raises(UserError, match="run: outputs must be finite, got 1 of 15 val that are not"):
        report(facts, judged)
    assert not paths.predictions("run").exists()
    assert not paths.metrics("run").exists()
