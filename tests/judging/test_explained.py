"""Why the surest examples are said to be what they are: what is asked, and how it looks."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from torch import nn

from stages.core import inputs, rooms, splits
from stages.core.errors import UserError
from stages.judging import explained, figures, inference, network, surest, words
from stages.judging.subject import Subject
from stages.judging.verdict import Judged
from tests import samples
from tests.drawn import lines

CPU = torch.device("cpu")
HYPER: dict[str, dict[str, Any]] = {
    "cnn": {"channels": [4, 4], "hidden": 8},
    "mlp": {"widths": [8]},
    "bag_of_embeddings": {},
    "recurrent": {"cell": "gru", "width": 8, "hidden": 8},
}
KINDS = [
    *[("cnn", samples.spec(shape)) for shape in samples.SHAPES],
    *[("mlp", samples.spec()), ("recurrent", samples.texts_spec())],
]
every = pytest.mark.parametrize(("architecture", "facts"), KINDS, ids=lambda one: getattr(one, "shape", one))


def run(architecture: str, facts: Any) -> tuple[Subject, Judged]:
    """A network and what it says of a split."""
    torch.manual_seed(0)
    model: nn.Module = rooms.build(
        "architectures", architecture, facts, HYPER[architecture], at="here"
    ).eval()
    asked = samples.subject(facts, network.functions(model))
    return asked, inference.over(asked, samples.split(facts), shape=facts.outputs)


def draw(facts: Any, said: Judged) -> Figure:
    return explained.pictures(facts, {"test": said, "explained": said})["explained"]


def explain(architecture: str, facts: Any, examples: int = 2) -> Judged:
    return explained.ask(*run(architecture, facts), examples)["explained"]


@every
def test_the_surest_right_and_the_surest_wrong_examples_are_explained(architecture: str, facts: Any) -> None:
    asked, test = run(architecture, facts)
    said = explained.ask(asked, test, 2)["explained"]
    rows = surest.rows(test, 2)
    assert len(rows) == 4
    for found, whole in ((said.x, test.x), (said.y, test.y), (said.outputs, test.outputs)):
        np.testing.assert_array_equal(found, whole[rows])
    assert said.beside.keys() == {"integrated_gradients", "baseline"} | (
        {"grad_cam"} if architecture == "cnn" else set()
    )
    # The sum is that of the class that was said, whether it is right or wrong.
    assert explained.missed(said) < 0.02 * np.abs(said.outputs.max(axis=1) - said.beside["baseline"]).max()


def test_what_is_missed_is_the_furthest_of_the_sums_from_its_gain() -> None:
    beside = {
        "integrated_gradients": np.array([[[1.0, 2.0]], [[0.5, 0.0]]]),
        "baseline": np.array([0.5, 1.0]),
    }
    outputs = np.array([[3.5, 0.0], [0.0, 1.25]])
    said = Judged(np.zeros((2, 1)), np.zeros(2, np.int64), outputs, beside)
    assert explained.missed(said) == 0.25


def test_for_no_examples_nothing_is_asked_and_nothing_drawn() -> None:
    def refuse(*_: object) -> Any:
        pytest.fail("it was asked")

    asked, test = run("mlp", samples.spec())
    silent = samples.subject(samples.spec(), dict.fromkeys(asked.functions, refuse))
    explained.check(samples.subject(samples.spec(), {"forward": refuse}), 0)
    assert explained.ask(silent, test, 0) == {}
    assert explained.pictures(samples.spec(), {"test": test}) == {}


def test_a_method_without_gradients_is_refused() -> None:
    asked = samples.subject(samples.spec(), {"forward": lambda x: x})
    with pytest.raises(UserError) as caught:
        explained.check(asked, 3)
    told = "models.run.measure.explain must be 0 for a method without gradients, got 3"
    assert str(caught.value) == told


def test_forecasts_are_not_explained() -> None:
    with pytest.raises(UserError, match=r"^models\.run\.measure\.explain is not known"):
        rooms.build("tasks", "forecasting", samples.series_spec(), {"explain": 3}, at="models.run.measure")
    with pytest.raises(UserError, match=r"^models\.run: classification must be given images or texts, got"):
        rooms.build("tasks", "classification", samples.series_spec(), {"explain": 3}, at="models.run.measure")


def test_attributions_that_are_no_numbers_are_refused() -> None:
    asked, test = run("mlp", samples.spec())
    broken = {"integrated_gradients": lambda x, _: np.full(x.shape, np.nan)}
    asked = samples.subject(samples.spec(), dict(asked.functions) | broken)
    with pytest.raises(UserError, match=r"^run: integrated_gradients must be finite"):
        explained.ask(asked, test, 2)


@pytest.mark.parametrize(("architecture", "levels"), [("cnn", 3), ("mlp", 2)])
def test_below_an_image_stand_its_heat_if_it_has_any_and_its_gradients(
    architecture: str, levels: int
) -> None:
    facts = samples.spec()
    said = explain(architecture, facts)
    figure = draw(facts, said)
    images = [np.asarray(image.get_array()) for image in figure.axes[0].images]
    assert len(images) == 4 * levels
    np.testing.assert_array_equal(images[0], said.x[0, 0])
    found = lines(figure)
    captions = surest.captions(facts, said)
    assert [line for line in found if "%" in line] == [caption.said for caption in captions]
    assert [line for line in found if line.startswith("Grad-CAM")] == ["Grad-CAM, 2×2"] * 4 * (levels == 3)
    assert [line for line in found if line.startswith("IG")] == [
        f"IG {explained._sides(row)}" for row in said.beside["integrated_gradients"]
    ]
    red = [text.get_text() for text in figure.axes[0].texts if text.get_color() == figures.WRONG]
    assert [line for line in red if line] == [caption.said for caption in captions if caption.wrong]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((384.9, -352.3, 0.1), "+385 −352"),
        ((12.34, -0.56), "+12.3 −0.6"),
        ((0.5, -1.234), "+0.50 −1.23"),
        ((0.1234, -0.05), "+0.123 −0.050"),
        ((0.0, 0.0), "+0.000 −0.000"),
        ((0.0, -99_999.0), "+0 −99999"),
        ((4e5, -3e5), "+4e+05 −3e+05"),
    ],
    ids=str,
)
def test_what_speaks_for_and_against_is_told_in_three_digits(parts: tuple[float, ...], expected: str) -> None:
    assert explained._sides(np.array(parts)) == expected


@pytest.mark.parametrize("count", [1, 2, 6, 20, 40])
def test_no_line_is_wider_than_its_tile_and_the_picture_is_as_wide_as_its_tiles(count: int) -> None:
    classes = ("WWWWWWWWWWWWWWWWWW", "Ünï cats 2, large", "cat", "$")
    facts = samples.spec().model_copy(update={"classes": classes})
    chosen = np.arange(count) % 8
    beside = {
        "integrated_gradients": np.where(np.arange(64) < 32, 3000.0, -3000.0).reshape(1, 1, 8, 8)
        * np.ones((count, 1, 1, 1)),
        "baseline": np.zeros(count),
        "grad_cam": np.ones((count, 112, 112)),
    }
    outputs = 9.0 * np.eye(4)[chosen % 4]
    said = Judged(np.zeros((count, 1, 8, 8), np.uint8), chosen // 2, outputs, beside)
    figure = draw(facts, said)
    figure.draw_without_rendering()
    tile = max(image.get_window_extent().width for image in figure.axes[0].images)
    assert max(text.get_window_extent().width for text in figure.axes[0].texts) <= tile
    ends = max(image.get_window_extent().x1 for image in figure.axes[0].images)
    assert figure.bbox.width * 0.98 < ends <= figure.bbox.width
    assert figure.get_tightbbox().x1 <= figure.get_figwidth()


def test_each_word_is_as_dark_as_its_attribution_beside_the_largest() -> None:
    facts = samples.texts_spec()
    said = explain("recurrent", facts)
    figure = draw(facts, said)
    boxes = [patch for patch in figure.axes[0].patches if isinstance(patch, FancyBboxPatch)]
    weights = [row[row != 0] for row in said.beside["integrated_gradients"]]
    expected = np.concatenate([np.abs(row) / np.abs(row).max() for row in weights])
    np.testing.assert_allclose([box.get_alpha() for box in boxes], expected, rtol=1e-5)
    hues = [to_rgba(words.FOR if part > 0 else words.AGAINST)[:3] for row in weights for part in row]
    assert [box.get_facecolor()[:3] for box in boxes] == hues
    row = weights[0]
    assert f"logit {explained._sides(row)}" in lines(figure)


@pytest.mark.parametrize(("tokenizer", "unit"), [(None, "words"), ({"model": {}}, "pieces of words")])
def test_pieces_of_words_are_called_so(tokenizer: dict[str, Any] | None, unit: str) -> None:
    facts = samples.texts_spec().model_copy(update={"tokenizer": tokenizer})
    figure = draw(facts, explain("recurrent", samples.texts_spec()))
    assert f"amber {unit} raise" in " ".join(lines(figure))


@every
def test_a_picture_repeats_byte_for_byte(architecture: str, facts: Any, tmp_path: Path) -> None:
    for name in ("first", "second"):
        figure = draw(facts, explain(architecture, facts))
        figures.save(figure, tmp_path / name)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


@pytest.mark.parametrize("architecture", ["cnn", "mlp"])
def test_a_planted_patch_is_where_a_trained_network_looks(architecture: str) -> None:
    """Noise about the mean image, with one bright patch whose place is the class."""
    facts = samples.spec((1, 16, 16))
    generator = torch.Generator().manual_seed(0)
    y = torch.arange(128) % 4
    x = torch.randint(108, 148, (128, 1, 16, 16), generator=generator)
    quarter = torch.kron(torch.eye(4).reshape(4, 1, 2, 2), torch.ones(8, 8))[y].bool()
    x[quarter] += 100
    split = splits.Split(x.to(torch.uint8), y)
    torch.manual_seed(0)
    model = rooms.build("architectures", architecture, facts, HYPER[architecture], at="here")
    batch = inputs.ready(split.take(slice(0, 128)), facts, device=CPU)
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    for _ in range(60):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(batch.x), batch.y).backward()
        optimizer.step()
    asked = samples.subject(facts, network.functions(model.eval()))
    test = inference.over(asked, split, shape=facts.outputs)
    said = explained.ask(asked, test, 6)["explained"]
    assert (said.outputs.argmax(axis=1) == said.y).all()
    gradients = said.beside["integrated_gradients"]
    inside = np.kron(np.eye(4).reshape(4, 1, 2, 2), np.ones((8, 8)))[said.y].astype(bool)
    for image, place in zip(gradients, inside, strict=True):
        assert image[place].sum() > np.abs(image[~place]).sum()
        assert place.flat[image.argmax()]
    for heat, place in zip(said.beside.get("grad_cam", []), inside, strict=False):
        assert heat.shape == (4, 4) and place[0, ::4, ::4].flat[heat.argmax()]


def test_a_planted_word_is_what_a_trained_network_reads() -> None:
    """Texts of any words with one word of their class among them."""
    facts = samples.texts_spec(classes=2)
    generator = torch.Generator().manual_seed(0)
    y = torch.arange(128) % 2
    x = torch.randint(4, len(facts.vocabulary), (128, 12), generator=generator)
    place = torch.randint(0, 12, (128,), generator=generator)
    x[torch.arange(128), place] = 2 + y
    torch.manual_seed(0)
    model = rooms.build("architectures", "recurrent", facts, HYPER["recurrent"], at="here")
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    for _ in range(80):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    asked = samples.subject(facts, network.functions(model.eval()))
    split = splits.Split(x.int(), y, torch.full((128,), 12))
    said = explained.ask(asked, inference.over(asked, split, shape=facts.outputs), 6)["explained"]
    largest = np.abs(said.beside["integrated_gradients"]).argmax(axis=1)
    assert (said.x[np.arange(6), largest] == 2 + said.y).all()
