"""Principal components, against numpy's singular values and closed forms."""

from math import prod
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from stages.classical import pca
from stages.core import inputs, rooms
from stages.core.errors import UserError
from stages.core.inputs import Arrays
from stages.core.spec import Images
from tests import samples

SHAPED = pytest.mark.parametrize("shape", samples.SHAPES)


def drawn(facts: Images, *, seed: int = 0) -> Arrays:
    return inputs.whole(samples.split(facts, seed=seed), facts)


def pixels(facts: Images, *, seed: int = 0) -> NDArray[np.float64]:
    """(N, D)"""
    x = samples.split(facts, seed=seed).x.numpy()
    return x.reshape(len(x), -1) / 255


def reference(facts: Images, components: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean (D) of the train images and the directions (Z, D) in which they differ most."""
    train = pixels(facts)
    _, _, directions = np.linalg.svd(train - train.mean(axis=0), full_matrices=False)
    return train.mean(axis=0), directions[:components]


def fitted(facts: Images, **hyper: Any) -> pca.PCA:
    method = pca.build(facts, **hyper)
    method.fit(drawn(facts), drawn(facts, seed=1))
    return method


@SHAPED
@pytest.mark.parametrize("each", [8, 20])
def test_the_latent_is_how_far_an_image_lies_in_the_widest_directions(
    shape: tuple[int, ...], each: int
) -> None:
    facts = samples.spec(shape, each=each)  # of the smallest images there are fewer and more than pixels
    mean, directions = reference(facts, 3)
    latent = fitted(facts, components=3).encode(drawn(facts, seed=2).x)
    expected = (pixels(facts, seed=2) - mean) @ directions.T
    np.testing.assert_allclose(np.abs(latent), np.abs(expected), atol=0.01)


@SHAPED
def test_an_answer_is_the_nearest_image_in_the_span_cut_off_at_black_and_white(
    shape: tuple[int, ...],
) -> None:
    facts = samples.spec(shape)
    mean, directions = reference(facts, 3)
    fresh = pixels(facts, seed=2)
    expected = (mean + (fresh - mean) @ directions.T @ directions).clip(0, 1)
    answer = fitted(facts, components=3).answer(drawn(facts, seed=2).x)
    assert answer.shape == (len(fresh), *shape) and answer.dtype == np.float32
    np.testing.assert_allclose(answer.reshape(len(fresh), -1), expected, atol=1e-4)


def test_with_as_many_components_as_pixels_nothing_is_lost() -> None:
    facts = samples.spec((1, 5, 9))
    answer = fitted(facts, components=45).answer(drawn(facts, seed=2).x)
    np.testing.assert_allclose(answer.reshape(-1, 45), pixels(facts, seed=2), atol=1e-5)


def test_images_beyond_white_are_cut_off() -> None:
    facts = samples.spec()
    bright = np.full((1, 1, 8, 8), (1.5 - 0.5) / 0.25, np.float32)  # pixels of 1.5
    answer = fitted(facts).answer(bright)
    assert answer.min() >= 0 and answer.max() == 1


@SHAPED
def test_samples_are_images_that_the_seed_decides(shape: tuple[int, ...]) -> None:
    method = fitted(samples.spec(shape), components=8)
    state = np.random.get_state()[1]
    torch_state = torch.get_rng_state()
    one, again, other = (method.sample(5, seed) for seed in (3, 3, 4))
    assert one.shape == (5, *shape) and one.dtype == np.float32
    assert one.min() >= 0 and one.max() <= 1
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).max() > 0.01
    np.testing.assert_array_equal(state, np.random.get_state()[1])
    assert torch.equal(torch_state, torch.get_rng_state())


def pale() -> tuple[pca.PCA, NDArray[np.float64]]:
    """Three components of images that are far from black and white, and their pixels (N, D)."""
    draw = np.random.default_rng(0)
    train = 0.5 + 0.02 * draw.normal(size=(64, 4)) @ draw.normal(size=(4, 45))
    x = ((train - 0.5) / 0.25).reshape(-1, 1, 5, 9).astype(np.float32)
    method = pca.build(samples.spec((1, 5, 9)), components=3)
    method.fit(Arrays(x, np.zeros(64)), Arrays(x, np.zeros(64)))
    return method, train


def test_samples_have_the_mean_and_the_covariance_of_the_train_images_in_the_span() -> None:
    method, train = pale()
    found = method.sample(20_000, 0).reshape(-1, 45).astype(float)
    assert found.min() > 0 and found.max() < 1  # nothing cut off
    values, vectors = np.linalg.eigh(np.cov(train.T))
    widest = vectors[:, -3:]
    np.testing.assert_allclose(found.mean(axis=0), train.mean(axis=0), atol=0.01)
    covariance = widest @ np.diag(values[-3:]) @ widest.T
    np.testing.assert_allclose(np.cov(found.T), covariance, atol=0.05 * np.abs(covariance).max())


def test_a_sample_lies_in_the_span_of_the_components() -> None:
    method, _ = pale()
    found = method.sample(10, 0)
    np.testing.assert_allclose(method.answer((found - 0.5) / 0.25), found, atol=1e-5)


def test_fitting_twice_gives_the_same_bytes() -> None:
    facts = samples.spec((3, 32, 32), each=8)
    one, two = (fitted(facts, components=8).encode(drawn(facts, seed=2).x).tobytes() for _ in range(2))
    assert one == two


def test_parameters_are_the_mean_the_components_and_their_variances() -> None:
    assert fitted(samples.spec((1, 5, 9)), components=7).parameters == 45 + 7 * 45 + 7


@SHAPED
def test_as_many_components_as_there_can_be_are_taken_and_one_more_is_refused(
    shape: tuple[int, ...],
) -> None:
    facts = samples.spec(shape)  # of 64 train images
    most = min(64, prod(shape))
    assert fitted(facts, components=most).encode(drawn(facts).x).shape == (64, most)
    of = "pixels of an image" if prod(shape) <= 64 else "train images"
    told = rf"^baselines\.pca\.hyper\.components must be at most the {most} {of}, got {most + 1}$"
    with pytest.raises(UserError, match=told):
        rooms.build("classical", "pca", facts, {"components": most + 1}, at="baselines.pca.hyper")


def test_texts_are_refused() -> None:
    with pytest.raises(UserError, match=r"pca must be given images, got the texts of 'sample'$"):
        rooms.build("classical", "pca", samples.texts_spec(), {}, at="baselines.pca.hyper")
