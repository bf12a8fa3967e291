"""Augmentation: torchvision, one image at a time, is the referee."""

import importlib

import pytest
import torch
from torch import Tensor

from stages.core.vision import torchvision
from stages.loop import augment
from tests import samples

functional = importlib.import_module(f"{torchvision.__name__}.transforms.v2.functional")
GREY, COLOUR = (5, 1, 9, 9), (5, 3, 8, 12)


@pytest.fixture(params=[GREY, COLOUR], ids=["grey", "colour"])
def images(request: pytest.FixtureRequest) -> Tensor:
    return torch.rand(request.param, generator=torch.Generator().manual_seed(1))


def each(images: Tensor, function, values) -> Tensor:  # type: ignore[no-untyped-def]
    return torch.stack([function(image, value) for image, value in zip(images, values, strict=True)])


def vary(images: Tensor, seed: int = 0, **own: object) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return augment.vary(images, samples.settings(augment=own).augment, generator)


def test_nothing_asked_is_nothing_done(images: Tensor) -> None:
    assert vary(images) is images


def test_flip_mirrors_the_chosen_and_no_other(images: Tensor) -> None:
    chosen = torch.tensor([True, False, True, False, False])
    flipped = augment.flip(images, chosen)
    for image, found, mirrored in zip(images, flipped, chosen, strict=True):
        assert torch.equal(found, image.flip(2) if mirrored else image)


def test_zoom_is_torchvisions_affine_map_and_lets_no_black_in(images: Tensor) -> None:
    shares = torch.tensor([1.0, 0.5, 0.8, 0.6, 0.9])
    down, right = (torch.tensor(places) * (1 - shares) for places in ([0, 1, -1, 0.3, 0], [0, -0.5, 1, 1, 1]))
    height, width = images.shape[2:]
    found = augment.zoom(images, shares, down, right)
    for image, zoomed, share, dy, dx in zip(images, found, shares, down, right, strict=True):
        moved = [float(-dx / share * width / 2), float(-dy / share * height / 2)]
        bilinear = functional.InterpolationMode.BILINEAR
        expected = functional.affine(image, 0.0, moved, float(1 / share), [0.0], interpolation=bilinear)
        assert torch.allclose(zoomed[:, 1:-1, 1:-1], expected[:, 1:-1, 1:-1], atol=1e-5)
        assert zoomed.min() >= image.min() and zoomed.max() <= image.max()


def test_shift_moves_whole_pixels_and_lets_black_in(images: Tensor) -> None:
    down, right = torch.tensor([0, 1, -2, 3, -1]), torch.tensor([2, -1, 0, 3, 1])
    shifted = augment.shift(images, down, right, reach=3)
    height, width = images.shape[2:]
    for image, found, dy, dx in zip(images, shifted, down.tolist(), right.tolist(), strict=True):
        expected = torch.zeros_like(image)
        for row in range(height):
            for column in range(width):
                if 0 <= row - dy < height and 0 <= column - dx < width:
                    expected[:, row, column] = image[:, row - dy, column - dx]
        assert torch.equal(found, expected)


def test_rotate_is_torchvisions(images: Tensor) -> None:
    degrees = torch.tensor([0.0, 15.0, -30.0, 90.0, 7.5])
    bilinear = functional.InterpolationMode.BILINEAR
    expected = each(images, lambda i, d: functional.rotate(i, float(d), interpolation=bilinear), degrees)
    assert torch.allclose(augment.rotate(images, degrees), expected, atol=1e-5)


def test_jitter_is_torchvisions_brightness_contrast_saturation(images: Tensor) -> None:
    brightness, contrast, saturation = (
        torch.empty(5).uniform_(0.5, 1.5, generator=torch.Generator().manual_seed(s)) for s in range(3)
    )
    expected = each(images, lambda i, v: functional.adjust_brightness(i, float(v)), brightness)
    expected = each(expected, lambda i, v: functional.adjust_contrast(i, float(v)), contrast)
    if images.shape[1] == 3:
        expected = each(expected, lambda i, v: functional.adjust_saturation(i, float(v)), saturation)
    found = augment.jitter(images, brightness, contrast, saturation)
    assert torch.allclose(found, expected, atol=2e-3)  # torchvision rounds its grey weights


@pytest.mark.parametrize(
    "own", [{"flip": True}, {"zoom": 0.5}, {"shift": 2}, {"rotate": 20.0}, {"jitter": 0.4}]
)
def test_a_seed_decides_and_every_image_is_drawn_its_own_way(own: dict[str, object]) -> None:
    image = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(2))
    images = image.repeat(32, 1, 1, 1)
    first, second, other = vary(images, **own), vary(images, **own), vary(images, seed=1, **own)
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert not torch.equal(first, first[:1].expand_as(first))
    assert first.min() >= 0 and first.max() <= 1 + 1e-6


def test_shifts_reach_the_whole_range_and_no_further() -> None:
    image = torch.zeros(400, 1, 9, 9)
    image[:, :, 4, 4] = 1
    places = vary(image, shift=2).flatten(1).argmax(dim=1)
    assert set((places // 9 - 4).tolist()) == {-2, -1, 0, 1, 2}
    assert set((places % 9 - 4).tolist()) == {-2, -1, 0, 1, 2}
