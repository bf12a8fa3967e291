"""Distances of distributions, against SciPy, scikit-learn, closed forms and brute force."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.linalg import sqrtm
from sklearn.neighbors import NearestNeighbors

from stages.judging import distributions

Array = NDArray[np.float32]


def drawn(examples: int, features: int, *, seed: int, scale: float = 1.0, shift: float = 0.0) -> Array:
    """Features that hang together, as those of a network do."""
    draw = np.random.default_rng(seed)
    mixed = draw.normal(size=(examples, features)) @ np.random.default_rng(9).normal(
        size=(features, features)
    )
    return (scale * mixed + shift).astype(np.float32)


def frechet(first: Array, second: Array) -> float:
    return distributions.frechet(distributions.normal(first), distributions.normal(second))


def crossed(deviations: list[float], mean: float) -> Array:
    """Points on the axes, so that their covariance is diagonal, with exactly these deviations."""
    size = len(deviations)
    reach = np.diag(deviations) * np.sqrt((2 * size - 1) / 2)
    return (np.concatenate([reach, -reach]) + mean).astype(np.float32)


def shares(real: Array, said: Array, neighbours: int) -> tuple[float, float]:
    """Precision and recall as scikit-learn's neighbours have them."""

    def covered(points: Array, by: Array) -> float:
        model = NearestNeighbors(n_neighbors=neighbours + 1).fit(by)
        reach = model.kneighbors(by)[0][:, -1]  # the first is the point's own
        distances = np.linalg.norm(points[:, None].astype(float) - by[None], axis=2)
        return float((distances <= reach).any(axis=1).mean())

    return covered(said, real), covered(real, said)


@pytest.mark.parametrize("features", [1, 5, 40])
def test_the_frechet_distance_is_that_of_a_matrix_root(features: int) -> None:
    first, second = drawn(300, features, seed=0), drawn(200, features, seed=1, scale=1.3, shift=0.5)
    one, other = (np.cov(x.T.astype(float)).reshape(features, features) for x in (first, second))
    between = np.square(first.mean(axis=0, dtype=float) - second.mean(axis=0, dtype=float)).sum()
    expected = between + np.trace(one + other - 2 * sqrtm(one @ other).real)
    assert frechet(first, second) == pytest.approx(expected, rel=1e-6)


def test_the_frechet_distance_of_diagonal_laws_is_that_of_their_deviations() -> None:
    first, second = crossed([1.0, 2.0, 3.0], 0.0), crossed([2.0, 2.0, 0.5], 1.5)
    assert frechet(first, second) == pytest.approx(3 * 1.5**2 + (1 + 0 + 2.5**2), rel=1e-6)


def test_of_fewer_examples_than_features_the_distance_is_that_of_the_eigenvalues() -> None:
    first, second = drawn(12, 30, seed=0), drawn(9, 30, seed=1, scale=1.5)
    one, other = (np.cov(x.T.astype(float)) for x in (first, second))
    roots = np.sqrt(np.linalg.eigvals(one @ other).real.clip(0)).sum()
    between = np.square(first.mean(axis=0, dtype=float) - second.mean(axis=0, dtype=float)).sum()
    assert frechet(first, second) == pytest.approx(between + np.trace(one + other) - 2 * roots, rel=1e-5)


@pytest.mark.parametrize("examples", [8, 200])
def test_a_set_is_at_no_distance_of_itself_and_a_shift_is_its_square(examples: int) -> None:
    x = drawn(examples, 20, seed=3)
    spread = float(x.var(axis=0).sum())
    assert frechet(x, x) == pytest.approx(0, abs=1e-9 * spread)
    assert frechet(x, x + np.float32(2)) == pytest.approx(20 * 4, rel=1e-5)


def test_the_distance_goes_both_ways_and_few_examples_make_it_too_large() -> None:
    far = [frechet(drawn(size, 20, seed=0), drawn(size, 20, seed=1)) for size in (30, 300, 3000)]
    assert far == sorted(far, reverse=True) and far[0] > 10 * far[2]
    first, second = drawn(100, 20, seed=0), drawn(80, 20, seed=1, scale=2)
    assert frechet(first, second) == pytest.approx(frechet(second, first), rel=1e-9)


def test_examples_that_are_all_alike_are_a_law_without_spread() -> None:
    alike = np.full((6, 3), 2, np.float32)
    assert frechet(alike, alike + 1) == pytest.approx(3)
    assert frechet(alike, crossed([1.0, 2.0, 3.0], 2.0)) == pytest.approx(1 + 4 + 9, rel=1e-6)


@pytest.mark.parametrize("neighbours", [1, 3, 7])
@pytest.mark.parametrize("at_once", [7, 1024])
def test_precision_and_recall_are_those_of_brute_force(
    neighbours: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributions, "_AT_ONCE", at_once)
    real, near, few = drawn(60, 8, seed=0), drawn(45, 8, seed=1, shift=2.5), drawn(20, 8, seed=2, shift=1.5)
    found = distributions.overlaps(real, {"near": near, "few": few}, neighbours=neighbours)
    assert found["near"] == shares(real, near, neighbours)
    assert found["few"] == shares(real, few, neighbours)
    assert 0 < found["near"].precision < 1 and 0 < found["near"].recall < 1


def test_what_is_said_by_heart_covers_all_and_what_is_far_off_nothing() -> None:
    real = drawn(50, 6, seed=0)
    found = distributions.overlaps(real, {"same": real, "far": real + np.float32(1000)}, neighbours=3)
    assert found["same"] == (1, 1)
    assert found["far"] == (0, 0)


def test_samples_of_half_the_modes_are_precise_and_recall_half() -> None:
    draw = np.random.default_rng(0)
    places = np.repeat([[0.0, 0.0], [100.0, 0.0]], 50, axis=0)
    real = (places + draw.uniform(size=(100, 2))).astype(np.float32)
    said = draw.uniform(0.3, 0.7, size=(100, 2)).astype(np.float32)
    wide = draw.uniform(-0.5, 1.5, size=(100, 2)).astype(np.float32)
    assert distributions.overlaps(real, {"": said}, neighbours=3)[""].precision > 0.9
    assert distributions.overlaps(real, {"": wide}, neighbours=3)[""].recall == pytest.approx(0.5, abs=0.05)


def test_a_generator_that_draws_one_image_alone_recalls_nothing() -> None:
    real = drawn(50, 6, seed=0)
    alone = np.repeat(real[:1] + np.float32(0.01), 50, axis=0)
    assert distributions.overlaps(real, {"": alone}, neighbours=3)[""] == (1, 0)


def test_points_that_are_there_many_times_cover_themselves() -> None:
    """Their balls have no width: rounding must not push an equal point out of them."""
    real = np.repeat(drawn(30, 63, seed=0, scale=100.0), 5, axis=0)
    assert distributions.overlaps(real, {"": real[::5]}, neighbours=3)[""].precision == 1
    points = torch.from_numpy(real[::5])
    assert (distributions._squares(points, points).diagonal() == 0).all()


def test_the_threads_of_torch_are_left_as_they_were() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    frechet(drawn(9, 3, seed=0), drawn(9, 3, seed=1))
    threads = torch.get_num_threads()
    torch.set_num_threads(before)
    assert threads == 2


def test_every_score_is_of_the_sets_that_it_names() -> None:
    features = {name: drawn(40 + n, 5, seed=n) for n, name in enumerate(("train", "val", "test", "samples"))}
    found = distributions.scores(features, neighbours=3)
    said, floor = (shares(features["test"], features[name], 3) for name in ("samples", "train"))
    assert found == {
        "frechet_distance": pytest.approx(frechet(features["samples"], features["test"])),
        "frechet_floor": pytest.approx(frechet(features["train"], features["test"])),
        "val_frechet_distance": pytest.approx(frechet(features["samples"], features["val"])),
        **{"precision": said[0], "recall": said[1]},
        **{"precision_floor": floor[0], "recall_floor": floor[1]},
    }
