"""What is written of a run, and the answers it is written from."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file

from stages.core import choices, inputs, paths, rooms, splits
from stages.core.errors import UserError
from stages.core.spec import Images, Labelled, Spec
from stages.judging import figures, inference, kinds, network, subject, verdict
from stages.judging.verdict import Judged
from stages.modelling import machine
from tests import project, samples

CPU = torch.device("cpu")


@pytest.fixture
def facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Images:
    monkeypatch.chdir(tmp_path)
    return project.preprocess()


class InMemoryOrder:
    """A method that reads its input as it lies in memory."""

    def answer(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        return x.reshape(len(x), -1, order="A")


def answers(facts: Labelled) -> dict[str, Judged]:
    """Judgements drawn at random on the splits of `facts`."""
    draw = np.random.default_rng(0)
    drawn = {"forward": lambda x: draw.normal(size=(len(x), len(facts.classes)))}
    return inference.every_split(samples.subject(facts, drawn), shape=facts.outputs)


def report(facts: Labelled, judged: dict[str, Judged]) -> None:
    task = rooms.build("tasks", "classification", facts, {}, at="models.run.measure")
    verdict.report("run", task, facts, judged, facts={"seed": 3}, pictures={"more": figures.message("more")})


def test_a_network_is_judged_on_standardised_pixels_in_the_order_of_the_split(facts: Images) -> None:
    model = machine.place(project.train(facts), CPU)
    asked = samples.subject(facts, network.functions(model))
    judged = inference.every_split(asked, shape=facts.outputs)
    for name, found in judged.items():
        split = splits.load(facts, name)
        pixels = (split.x.float() / 255 - facts.mean[0]) / facts.std[0]
        with torch.inference_mode():
            expected = model(pixels).numpy()
        np.testing.assert_allclose(found.outputs, expected, rtol=1e-5, atol=1e-5)
        assert found.outputs.dtype == np.float32
        assert (found.y == split.y.numpy()).all()


@pytest.mark.parametrize("make", samples.KINDS.values(), ids=lambda make: make.__name__)
def test_answers_stand_in_the_order_of_the_split_whatever_the_order_they_were_asked_in(
    make: Callable[[], Spec], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    facts = make()
    samples.write(facts)

    def total(x: torch.Tensor) -> NDArray[np.float32]:
        sums = x.flatten(1).double().sum(dim=1).float()
        return sums.reshape(-1, *[1] * len(facts.outputs)).expand(-1, *facts.outputs).numpy()

    judged = inference.every_split(samples.subject(facts, {"forward": total}), shape=facts.outputs)
    for name, found in judged.items():
        split = splits.load(facts, name)
        whole = inputs.whole(split, facts)
        assert found.outputs.shape == (len(split), *facts.outputs)
        expected = whole.x.reshape(len(split), -1).astype(float).sum(axis=1)
        np.testing.assert_allclose(
            found.outputs.reshape(len(split), -1)[:, 0], expected, rtol=1e-4, atol=1e-4
        )
        np.testing.assert_array_equal(found.y, whole.y)
        np.testing.assert_array_equal(found.x, split.x)


def test_a_classical_method_sees_the_channels_of_a_colour_image_one_after_the_other() -> None:
    facts = samples.spec((3, 4, 5), classes=3, each=2)
    split = samples.split(facts)
    expected = (split.x.float() / 255 - 0.5) / 0.25
    (_, batch), *_ = inputs.walk(split, facts, device=CPU)
    rows = subject.classical(InMemoryOrder())["forward"](batch.x)
    np.testing.assert_allclose(rows, expected.reshape(len(split), -1), rtol=1e-6)


def test_predictions_are_the_outputs_and_labels_of_the_test_split(facts: Images) -> None:
    judged = answers(facts)
    report(facts, judged)
    kept = load_file(paths.predictions("run"))
    assert set(kept) == {"outputs", "y"}
    np.testing.assert_array_equal(kept["outputs"], judged["test"].outputs)
    np.testing.assert_array_equal(kept["y"], splits.load(facts, "test").y.numpy())


def test_facts_join_the_metrics_and_pictures_the_figures(facts: Images) -> None:
    report(facts, answers(facts))
    assert project.metrics("run")["seed"] == 3
    assert {path.name for path in paths.figures("run").iterdir()} == {"mistakes.png", "more.png"}


def test_what_stands_in_train_too_joins_the_metrics_of_images_and_texts(facts: Images) -> None:
    repeated = {"train": 0.0, "val": 0.25, "test": 0.125}
    report(facts.model_copy(update={"repeated": repeated}), answers(facts))
    assert project.metrics("run")["repeated"] == repeated
    assert kinds.facts(samples.texts_spec()).keys() == {"generated", "repeated"}
    assert kinds.facts(samples.series_spec()).keys() == {"generated"}


def test_a_figure_of_an_earlier_report_does_not_stay(facts: Images) -> None:
    paths.figures("run").mkdir(parents=True)
    (paths.figures("run") / "old.png").write_bytes(b"")
    report(facts, answers(facts))
    assert not (paths.figures("run") / "old.png").exists()


@pytest.mark.parametrize("generated", [True, False])
def test_every_picture_of_a_run_on_generated_data_says_so(
    facts: Images, generated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = {}
    monkeypatch.setattr(figures, "save", lambda figure, path: saved.update({path.stem: figure}))
    report(facts.model_copy(update={"generated": generated}), answers(facts))
    assert set(saved) == {"mistakes", "more"}
    for figure in saved.values():
        told = [line.get_title().get_text() for line in figure.legends]
        assert told == ["generated data"] * generated


def test_what_is_written_of_texts_holds_their_accuracy_by_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = samples.texts_spec()
    samples.write(texts)
    report(texts, answers(texts))
    assert {path.stem for path in paths.figures("run").iterdir()} == {"lengths", "mistakes", "more"}
    with paths.charts("run").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["chart"] == "length"]
    shares = {
        series: [float(row["y"]) for row in rows if row["series"] == series]
        for series in ("share", "accuracy")
    }
    assert sum(shares["share"]) == pytest.approx(1)
    right = sum(share * accuracy for share, accuracy in zip(*shares.values(), strict=True))
    assert right == pytest.approx(project.metrics("run")["accuracy"])


def test_a_report_repeats_byte_for_byte(facts: Images) -> None:
    report(facts, answers(facts))
    first = project.declared("run")
    report(facts, answers(facts))
    assert project.declared("run") == first


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_outputs_that_are_no_numbers_are_refused_before_anything_is_written(
    facts: Images, value: float
) -> None:
    judged = answers(facts)
    judged["val"].outputs[4, 1] = value
    with pytest.raises(UserError, match="run: outputs must be finite, got 1 of 15 val that are not"):
        report(facts, judged)
    assert not paths.predictions("run").exists()
    assert not paths.metrics("run").exists()


def test_the_headline_is_the_leading_score_on_test() -> None:
    scores = {"accuracy": 0.9, "n": {"train": 3, "test": 1234}}
    told = verdict.headline(scores, task="classification", is_generated=False)
    assert told == "accuracy 90.00% on 1,234 test examples"
    unknown = verdict.headline(scores | {"accuracy": None}, task="classification", is_generated=True)
    assert unknown == "accuracy undefined on 1,234 test examples (generated data)"


def test_no_headline_ends_its_score_in_a_bare_point() -> None:
    distance = choices.load("tasks", "generation").COLUMNS[0]
    told = verdict.headline(
        {distance.metric: 1234.9, "n": {"test": 5}}, task="generation", is_generated=False
    )
    assert told == f"{distance.title} 1235 on 5 test examples"
