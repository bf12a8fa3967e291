"""Pictures: the same bytes each time, whatever the user's own settings, and the right filters."""

import struct
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import torch
from matplotlib.layout_engine import ConstrainedLayoutEngine
from torch import nn

from stages.judging import figures, filters
from stages.judging.figures import Tile
from tests import samples


def chunks(content: bytes) -> list[str]:
    """The kinds of chunk a PNG has."""
    kinds, at = [], 8
    while at < len(content):
        (size,) = struct.unpack(">I", content[at : at + 4])
        kinds.append(content[at + 4 : at + 8].decode())
        at += size + 12
    return kinds


def grid(caption: str = "a") -> figures.Figure:
    image = np.arange(16, dtype=np.uint8).reshape(4, 4)
    return figures.tiles("title", [Tile(image, caption, caption)] * 3, columns=2, inches=1)


def test_a_picture_repeats_byte_for_byte_whatever_the_settings_of_the_user(tmp_path: Path) -> None:
    figures.save(grid(), tmp_path / "first.png")
    with matplotlib.rc_context({"font.size": 30, "figure.facecolor": "red", "savefig.dpi": 20}):
        figures.save(grid(), tmp_path / "second.png")
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "second.png").read_bytes()


def test_the_last_digits_of_a_layout_which_differ_between_processes_are_not_drawn(tmp_path: Path) -> None:
    figure = figures.blank(4, 3)
    upper, lower = figure.subfigures(2, 1)
    all_axes = [upper.subplots(), *lower.subplots(1, 3)]
    figures.save(figure, tmp_path / "figure.png")
    places = [axes.get_position(original=True) for axes in all_axes]
    places += [upper.bbox_relative, lower.bbox_relative]
    assert all(np.array_equal(place.get_points(), place.get_points().round(9)) for place in places)
    assert not isinstance(figure.get_layout_engine(), ConstrainedLayoutEngine)


def test_a_picture_says_nothing_of_when_and_by_what_it_was_drawn(tmp_path: Path) -> None:
    figures.save(grid(), tmp_path / "picture.png")
    assert {"tEXt", "iTXt", "zTXt", "tIME"}.isdisjoint(chunks((tmp_path / "picture.png").read_bytes()))


def test_a_class_called_dollar_is_drawn_as_it_is_written(tmp_path: Path) -> None:
    figures.save(grid("$x"), tmp_path / "picture.png")
    assert (tmp_path / "picture.png").stat().st_size > 0


def test_a_label_stands_on_nothing_that_is_drawn() -> None:
    figure = grid()
    figures.label(figure, "a label")
    figure.draw_without_rendering()
    (line,) = figure.legends
    assert line.get_title().get_text() == "a label"
    below = line.get_window_extent().y1
    assert all(
        text.get_window_extent().y0 >= below for axes in figure.axes for text in axes.texts if text.get_text()
    )


def test_a_long_name_is_cut_to_its_tile() -> None:
    assert figures.short("n" * 15) == "n" * 13 + "…"
    assert figures.short("n" * 14) == "n" * 14


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 32, 32)])
@pytest.mark.parametrize("kind", ["conv", "linear"])
def test_every_filter_of_a_first_layer_over_pixels_is_drawn(kind: str, shape: tuple[int, int, int]) -> None:
    layer: nn.Module = nn.Conv2d(shape[0], 6, 3) if kind == "conv" else nn.Linear(int(np.prod(shape)), 6)
    model = nn.Sequential(nn.Flatten(), nn.Sequential(layer), nn.Linear(6, 4))
    (figure,) = filters.draw(model, samples.spec(shape)).values()
    drawn = [image.get_array() for axes in figure.axes for image in axes.images]
    assert len(drawn) == 6
    weights = torch.as_tensor(layer.weight).detach().reshape(6, shape[0], *(drawn[0].shape[:2]))
    expected = [np.asarray(figures.pixels(kernel.numpy())) for kernel in weights]
    if shape[0] == 3:
        expected = [0.5 + kernel / (2 * weights.abs().max().item()) for kernel in expected]
    for picture, kernel in zip(drawn, expected, strict=True):
        np.testing.assert_allclose(picture, kernel, rtol=1e-5, atol=1e-7)


def test_a_linear_layer_of_a_filter_a_class_names_the_classes() -> None:
    facts = samples.spec(classes=4)
    (figure,) = filters.draw(nn.Linear(64, 4), facts).values()
    lines = [text.get_text() for axes in figure.axes for text in axes.texts if text.get_text()]
    assert lines == list(facts.classes)


def test_weights_of_zero_are_drawn_too(tmp_path: Path) -> None:
    model = nn.Linear(64, 4)
    nn.init.zeros_(model.weight)
    (figure,) = filters.draw(model, samples.spec()).values()
    figures.save(figure, tmp_path / "filters.png")
    assert (tmp_path / "filters.png").stat().st_size > 0


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (nn.Sequential(nn.Embedding(9, 64), nn.Linear(64, 4)), (1, 8, 8)),
        (nn.Conv2d(2, 4, 3), (2, 8, 8)),
        (nn.Linear(64, 4), (64,)),
        (nn.Linear(32, 4), (1, 8, 8)),
        (nn.Flatten(), (1, 8, 8)),
    ],
)
def test_what_has_no_first_layer_over_pixels_has_no_filters(model: nn.Module, shape: tuple[int, ...]) -> None:
    assert filters.draw(model, samples.spec(shape)) == {}
