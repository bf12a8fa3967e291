"""The recipes for exported files: what they say of a photo or a text is what the pipeline says."""

import contextlib
import io
import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from stages import download, export, preprocess, train
from stages.core import files, inputs, params, paths, spec, splits
from stages.core.spec import Spec
from stages.core.splits import Batch
from stages.datasets import text_csv
from stages.exporting import usage
from stages.modelling import weights
from stages.sourcing import holdout, pictures
from stages.sourcing.pictures import Channels, Fit, Form
from tests import pages, photos, samples, tiny_bert
from tests.project import configure, scratch

PHOTOS = {"cats": 3, "dogs": 3}
STARTS = ("It's", "IT\N{RIGHT SINGLE QUOTATION MARK}S", "Cafe\N{COMBINING ACUTE ACCENT}")
QUEUES = {"delivery": ("late", "lost", "at the door"), "repair": ("broken", "loud", "cracked")}


def recipe(folder: str) -> str:
    """The lines of the pages that use an exported file of `models/<folder>`."""
    (lines,) = (text for text in pages.blocks("python") if f"models/{folder}/onnx" in text)
    assert "stages" not in lines
    return lines


def follow(lines: str) -> dict[str, float]:
    """The probabilities that they tell, which they print too."""
    known: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(lines, known)
    found: dict[str, float] = known["probabilities"]
    assert said.getvalue().splitlines() == [f"{name}: {found[name]:.1%}" for name in found]
    return found


def run(name: str, dataset: dict[str, Any], block: dict[str, Any]) -> tuple[nn.Module, Spec]:
    """The network of `block` on `dataset`, through the stages from the source to its export."""
    configure(datasets={block["dataset"]: dataset}, models={name: block}, baselines={})
    scratch()
    for stage in (download, preprocess):
        stage.main(block["dataset"])
    for stage in (train, export):
        stage.main(name)
    model, card = weights.load(name)
    return model, card.spec


@torch.no_grad()
def said(model: nn.Module, facts: Spec) -> NDArray[np.float32]:
    """What it says of the test split, row by row."""
    test = splits.load(facts, "test")
    found = np.zeros((len(test), len(facts.classes)), np.float32)  # type: ignore[union-attr]
    for rows, batch in inputs.walk(test, facts, device=torch.device("cpu")):
        found[rows] = model(batch.x).softmax(dim=1)
    return found


def test_an_exported_file_alone_tells_of_a_photo_what_the_pipeline_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    added = pages.params()
    dataset, block = added["datasets"]["photos"], added["models"]["photos_cnn"]
    dataset["prepare"]["side"] = 16
    block["fit"] |= {"epochs": 1}
    block["hyper"] |= {"channels": [4, 4]}
    for seed, split in enumerate(("train", "val", "test")):
        photos.write(tmp_path, photos.folders(PHOTOS, around=f"data/photos/{split}/", seed=10 * seed))
    wanted = said(*run("photos_cnn", dataset, block))
    for row, file in zip(wanted, sorted(Path("data/photos/test").glob("*/*")), strict=True):
        shutil.copy(file, "cat.jpg")
        found = follow(recipe("photos_cnn"))
        assert [*found] == [*PHOTOS]
        np.testing.assert_allclose([*found.values()], row, atol=1e-5)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("fit", ["crop", "squash", "pad"])
def test_the_recipe_of_photos_follows_the_metadata_of_whatever_form(
    fit: Fit, channels: Channels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    form = Form(16, fit, channels)
    facts = samples.spec(form.shape).model_copy(update={"reading": form.reading})
    told = {key: json.dumps(value) for key, value in usage.instructions(facts).items()}
    given: list[Any] = []

    def run(_: None, inputs: dict[str, Any]) -> list[Any]:
        given.append(inputs["x"])
        return [np.zeros((1, len(facts.classes)), np.float32)]

    model = SimpleNamespace(get_modelmeta=lambda: SimpleNamespace(custom_metadata_map=told), run=run)
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda _: model)
    upright = Image.Exif()
    upright[274] = 6
    for content in (
        photos.packed(Image.fromarray(photos.pixels(60, 90)), exif=upright),
        photos.packed(Image.new("RGBA", (20, 30), (*photos.RED, 51))),
        photos.packed(Image.fromarray(photos.pixels(600, 800)).convert("L"), "JPEG"),
    ):
        Path("cat.jpg").write_bytes(content)
        follow(recipe("photos_cnn"))
        raw = Batch(torch.from_numpy(pictures.decode(content, form)[None].copy()), torch.zeros(1))
        ready = inputs.ready(raw, facts, device=torch.device("cpu"))
        np.testing.assert_allclose(given.pop(), ready.x, atol=1e-5)


def write_tickets() -> None:
    """Texts with capitals, both apostrophes, an accent apart from its letter, and words that no other has."""
    lines = ["message,queue"]
    for number in range(12):
        for queue, complaints in QUEUES.items():
            for complaint in complaints:
                end = "Playing bad! " * (number % 7)
                start = STARTS[number % len(STARTS)]
                lines.append(f"{start} No{len(lines)}; the film was {complaint}. {end},{queue}")
    Path("tickets.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def judged() -> list[str]:
    """The texts of the test split, as they stand in the file."""
    dataset = params.load().datasets["tickets"]
    examples = text_csv.prepare(paths.raw("tickets"), **dataset.prepare)
    return list(holdout.split(examples, dataset.split, dataset="tickets")["test"].x)


def reading(text: str) -> str:
    """The recipe of texts, of another text than its own."""
    lines, count = re.subn(r'^text = ".*"$', lambda _: f"text = {text!r}", recipe("tickets_lstm"), flags=re.M)
    assert count == 1
    return lines


@pytest.mark.parametrize("pieces", [False, True], ids=["words", "pieces"])
def test_an_exported_file_alone_tells_of_a_text_what_the_pipeline_tells(
    pieces: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    added = pages.params()
    dataset, block = added["datasets"]["tickets"], added["models"]["tickets_lstm"]
    dataset["encode"] |= {"length": 12}
    if pieces:
        file = tiny_bert.save(tmp_path / "bert") / "tokenizer.json"
        dataset["encode"]["tokenizer"] = {"file": str(file), "sha256": files.digest(file)}
    block["fit"] |= {"epochs": 1}
    write_tickets()
    wanted = said(*run("tickets_lstm", dataset, block))
    assert np.ptp(wanted, axis=0).min() > 0.01  # what it says depends on the text
    for row, text in zip(wanted, judged(), strict=True):
        found = follow(reading(text))
        assert [*found] == [*QUEUES]
        np.testing.assert_allclose([*found.values()], row, atol=1e-5)


@pytest.mark.parametrize(
    ("encode", "length"),
    [({}, 12), ({"lower": False}, "time"), ({"punctuation": True}, "time")],
    ids=["one length", "capitals", "signs"],
)
def test_the_recipe_of_texts_follows_the_metadata_of_whatever_words(
    encode: dict[str, Any], length: str | int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    dataset = pages.params()["datasets"]["tickets"]
    dataset["encode"] = encode | {"length": 12}
    configure(datasets={"tickets": dataset}, models={}, baselines={})
    write_tickets()
    for stage in (download, preprocess):
        stage.main("tickets")
    facts = spec.read("tickets")
    told = usage.instructions(facts) | {"spec": facts.model_dump()}
    told = {key: json.dumps(value) for key, value in told.items()}
    given: list[Any] = []

    def run(_: None, inputs: dict[str, Any]) -> list[Any]:
        given.append(inputs["x"])
        return [np.zeros((1, len(QUEUES)), np.float32)]

    model = SimpleNamespace(
        get_modelmeta=lambda: SimpleNamespace(custom_metadata_map=told),
        get_inputs=lambda: [SimpleNamespace(shape=["batch", length])],
        run=run,
    )
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda _: model)
    for row, text in zip(splits.load(facts, "test").x.numpy(), judged(), strict=True):
        follow(reading(text))
        (x,) = given.pop()
        assert x.dtype == np.int64
        assert len(x) == length or (length == "time" and x.all())
        np.testing.assert_array_equal(np.pad(x, (0, len(row) - len(x))), row)
    follow(reading("?"))
    assert not given.pop().any() or encode.get("punctuation")
