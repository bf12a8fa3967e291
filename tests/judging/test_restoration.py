"""How near images are, against scikit-learn, scikit-image and formulas written out."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio
from sklearn.metrics import mean_squared_error

from stages.core.splits import Split
from stages.judging import restoration
from tests import samples


def images(shape: tuple[int, ...], *, count: int = 5, seed: int = 0) -> tuple[NDArray[Any], NDArray[Any]]:
    """Originals as they lie on disk, and restorations that are wrong by some noise."""
    draw = np.random.default_rng(seed)
    x = draw.integers(0, 256, (count, *shape), dtype=np.uint8)
    return x, (x / 255 + 0.2 * draw.normal(size=x.shape)).clip(0, 1).astype(np.float32)


@pytest.mark.parametrize("shape", samples.SHAPES)
def test_the_error_of_an_image_is_that_of_scikit_learn(
    shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoration, "_AT_ONCE", 2)
    x, restored = images(shape)
    expected = [mean_squared_error(a.ravel() / 255, b.ravel()) for a, b in zip(x, restored, strict=True)]
    np.testing.assert_allclose(restoration.mse(x, restored), expected, rtol=1e-6)


def test_the_signal_to_noise_ratio_is_that_of_scikit_image() -> None:
    x, restored = images((1, 8, 8))
    expected = peak_signal_noise_ratio(x / 255, restored.astype(float), data_range=1)
    assert restoration.psnr(float(restoration.mse(x, restored).mean())) == pytest.approx(expected)
    assert restoration.psnr(0.01) == pytest.approx(20)
    assert restoration.psnr(0.0) is None


def similarity(a: NDArray[Any], b: NDArray[Any], side: int) -> float:
    """The index of Wang et al. for two channels (H, W), window by window."""
    found = []
    for top in range(a.shape[0] - side + 1):
        for left in range(a.shape[1] - side + 1):
            seen = [image[top : top + side, left : left + side].ravel() for image in (a, b)]
            (var_a, cov), (_, var_b) = np.cov(seen)
            mean_a, mean_b = (window.mean() for window in seen)
            luminance = (2 * mean_a * mean_b + 0.01**2) / (mean_a**2 + mean_b**2 + 0.01**2)
            found.append(luminance * (2 * cov + 0.03**2) / (var_a + var_b + 0.03**2))
    return float(np.mean(found))


@pytest.mark.parametrize(
    ("shape", "side"), [((1, 8, 8), 7), ((3, 9, 12), 7), ((1, 5, 9), 5), ((2, 4, 30), 3), ((1, 6, 6), 5)]
)
def test_the_structural_similarity_is_that_of_the_paper_in_the_largest_window_up_to_seven(
    shape: tuple[int, ...], side: int
) -> None:
    x, restored = images(shape)
    channels = zip(x.reshape(-1, *shape[1:]) / 255, restored.reshape(-1, *shape[1:]), strict=True)
    expected = np.mean([similarity(a, b, side) for a, b in channels])
    assert restoration.ssim(x, restored) == pytest.approx(expected, rel=1e-6)


def test_equal_images_are_wholly_similar() -> None:
    x, _ = images((3, 8, 8))
    assert restoration.ssim(x, (x / 255).astype(np.float32)) == pytest.approx(1)


@pytest.mark.parametrize("shape", [(1, 1, 9), (1, 9, 2)])
def test_images_that_hold_no_window_have_no_similarity(shape: tuple[int, ...]) -> None:
    assert restoration.ssim(*images(shape)) is None


def test_the_error_of_the_mean_image_is_the_variance_of_the_pixels() -> None:
    x, _ = images((3, 8, 8), count=40)
    assert restoration.flat_mse(x, x) == pytest.approx((x / 255).var(axis=0).mean())
    other, _ = images((3, 8, 8), count=7, seed=1)
    expected = np.square(other / 255 - (x / 255).mean(axis=0)).mean()
    assert restoration.flat_mse(x, other) == pytest.approx(expected)


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 32, 32)])
@pytest.mark.parametrize("noise", [0.02, 0.1])
def test_noise_has_its_deviation_in_pixels_and_the_split_stays_clean(
    shape: tuple[int, ...], noise: float
) -> None:
    facts = samples.spec(shape)
    split = Split(torch.full((600, *shape), 128, dtype=torch.uint8), torch.arange(600) % 4)
    noisy = restoration.noised(split, facts, noise=noise)
    assert noisy.x.dtype == torch.uint8 and torch.equal(noisy.y, split.y)
    errors = (noisy.x.float() - 128) / 255
    count = errors.numel()
    assert abs(float(errors.mean())) < 4 * noise / count**0.5
    assert float(errors.std()) == pytest.approx(noise, rel=4 / (2 * count) ** 0.5 + 0.01)
    assert (split.x == 128).all()


def test_noise_is_cut_off_at_black_and_white() -> None:
    facts = samples.spec()
    x = torch.tensor([0, 255], dtype=torch.uint8).repeat(200)[:, None, None, None].expand(-1, *facts.shape)
    noisy = restoration.noised(Split(x.contiguous(), torch.zeros(400)), facts, noise=0.3).x
    assert abs(float((noisy == x).float().mean()) - 0.5) < 0.02


def test_noise_is_the_same_each_time_and_whatever_the_standardisation() -> None:
    facts = samples.spec()
    split = samples.split(facts)
    state = torch.get_rng_state()
    one, again = (restoration.noised(split, facts, noise=0.3).x for _ in range(2))
    assert torch.equal(state, torch.get_rng_state())
    other = restoration.noised(split, facts.model_copy(update={"mean": (0.1,), "std": (0.7,)}), noise=0.3).x
    assert torch.equal(one, again)
    assert (one.int() - other.int()).abs().max() <= 1


def test_the_histogram_holds_nearly_all_of_every_set_in_bins_that_they_share() -> None:
    draw = np.random.default_rng(0)
    errors = {"train": draw.exponential(size=5000), "test": 3 * draw.exponential(size=2000)}
    edges, shares = restoration.spread(errors)
    assert edges[0] == 0 and len(edges) == restoration.BINS + 1
    assert list(shares) == ["train", "test"]
    for name, each in shares.items():
        assert 0.994 < each.sum() <= 1
        inside = (errors[name] >= edges[3]) & (errors[name] < edges[4])
        assert each[3] == pytest.approx(inside.mean())
    rows = list(restoration.histogram("errors", errors))
    assert len(rows) == 2 * restoration.BINS
    middle = (edges[0] + edges[1]) / 2
    assert rows[0] == ("errors", "train", pytest.approx(middle), shares["train"][0])


def test_sets_without_errors_have_a_histogram_too() -> None:
    _, shares = restoration.spread({"test": np.zeros(4)})
    assert shares["test"][0] == 1
