"""Latents, drawn in two dimensions."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray

from stages.core.spec import Images
from stages.judging import latents
from stages.judging.verdict import Judged
from tests import samples

COUNT = 30


def drawn(width: int) -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(size=(COUNT, width)).astype(np.float32) * np.arange(1, width + 1)


def picture(facts: Images, width: int = 5, *, most: int = COUNT) -> Figure:
    y = np.arange(COUNT) % len(facts.classes)
    x = np.zeros((COUNT, *facts.shape), np.uint8)
    judged = Judged(x, y, x.astype(np.float32), {"encode": drawn(width)})
    return latents.pictures(facts, judged)["latents"]


def test_wide_latents_are_turned_to_their_principal_components() -> None:
    wide = drawn(5).astype(float)
    points, labels = latents.flat(wide, np.zeros(COUNT, int))
    left, values, _ = np.linalg.svd(wide - wide.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.abs(points), np.abs(left[:, :2] * values[:2]), atol=1e-9)
    shares = values**2 / (values**2).sum()
    assert labels[0] == f"first principal component, {shares[0]:.0%} of the variance"
    assert labels[1] == f"second principal component, {shares[1]:.0%} of the variance"


def test_two_latents_are_kept_and_one_is_drawn_against_the_class() -> None:
    y = np.arange(COUNT)
    points, labels = latents.flat(drawn(2), y)
    np.testing.assert_array_equal(points, drawn(2))
    assert labels == ("first latent", "second latent")
    points, labels = latents.flat(drawn(1), y)
    np.testing.assert_array_equal(points, np.stack([drawn(1)[:, 0], y], axis=1))
    assert labels == ("latent", "class")


def test_every_class_has_its_points_and_its_place_in_the_legend() -> None:
    facts = samples.spec(classes=4)
    figure = picture(facts, 2)
    (axes,) = figure.axes
    for k, points in enumerate(axes.collections):
        np.testing.assert_allclose(points.get_offsets(), drawn(2)[k::4])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(facts.classes)


def test_more_classes_than_hues_have_no_legend() -> None:
    assert not picture(samples.spec(classes=13)).legends


def test_anomalous_classes_are_crosses() -> None:
    facts = samples.spec(classes=3).model_copy(update={"normal": ("class 0", "class 2")})
    figure = picture(facts)
    (axes,) = figure.axes
    corners = [len(points.get_paths()[0].vertices) for points in axes.collections]
    assert corners[0] == corners[2] > corners[1] == 4
    assert "(crosses: anomalous)" in axes.get_title(loc="left")


def test_of_many_points_some_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latents, "SHOWN", 10)
    (axes,) = picture(samples.spec(classes=3)).axes
    assert sum(len(points.get_offsets()) for points in axes.collections) == 10


def test_what_does_not_encode_has_no_latents() -> None:
    x = np.zeros((4, 1, 8, 8), np.uint8)
    assert latents.pictures(samples.spec(), Judged(x, np.arange(4), x.astype(np.float32))) == {}
