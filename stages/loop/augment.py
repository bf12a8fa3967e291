"""Augmentation of whole batches: every image drawn its own way, all of them in a few tensor operations.

Images are floats in [0, 1], (B, C, H, W). What is drawn comes from a CPU generator, the same on any device.
"""

from math import pi

import torch
from torch import Tensor
from torch.nn import functional as F

from stages.core.fitting import Augment

# ITU-R BT.601, as every grey-scale conversion of the field uses them.
_LUMA = (0.299, 0.587, 0.114)


def vary(images: Tensor, augment: Augment, generator: torch.Generator) -> Tensor:
    """The images, flipped, zoomed, shifted, rotated and jittered as `augment` asks."""
    count = len(images)

    def draw(low: float, high: float) -> Tensor:
        return torch.empty(count).uniform_(low, high, generator=generator).to(images.device)

    if augment.flip:
        images = flip(images, draw(0, 1) < 0.5)
    if augment.zoom:
        shares = draw(1 - augment.zoom, 1)
        images = zoom(images, shares, draw(-1, 1) * (1 - shares), draw(-1, 1) * (1 - shares))
    if augment.shift:
        reach = augment.shift
        down, right = (torch.floor(draw(-reach, reach + 1)).long().clamp_(max=reach) for _ in "yx")
        images = shift(images, down, right, reach=reach)
    if augment.rotate:
        images = rotate(images, draw(-augment.rotate, augment.rotate))
    if augment.jitter:
        low, high = 1 - augment.jitter, 1 + augment.jitter
        images = jitter(images, draw(low, high), draw(low, high), draw(low, high))
    return images


def flip(images: Tensor, chosen: Tensor) -> Tensor:
    """Mirror the `chosen` (B) images left to right."""
    return torch.where(chosen[:, None, None, None], images.flip(3), images)


def zoom(images: Tensor, shares: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """Cut out of each image a part with `shares` (B) of both sides and bring it to full size, bilinear.

    Its middle lies `down` and `right` (B) of that of the image, in halves of a side: at most 1 - `shares`.
    """
    zero = torch.zeros_like(shares)
    matrix = torch.stack([shares, zero, right, zero, shares, down], dim=1)
    return _moved(images, matrix, beyond="border")


def shift(images: Tensor, down: Tensor, right: Tensor, *, reach: int) -> Tensor:
    """Move each image by whole pixels, `down` (B) and `right` (B), at most `reach`; black comes in."""
    count, _, height, width = images.shape
    padded = F.pad(images, [reach] * 4)
    rows = torch.arange(height, device=images.device) + reach - down[:, None]  # (B, H)
    columns = torch.arange(width, device=images.device) + reach - right[:, None]  # (B, W)
    each = torch.arange(count, device=images.device)[:, None, None]
    # Advanced indices around a slice put the sliced axis last: (B, H, W, C) -> (B, C, H, W)
    return padded[each, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def rotate(images: Tensor, degrees: Tensor) -> Tensor:
    """Turn each image counter-clockwise about its middle by `degrees` (B), bilinear; black comes in."""
    angle = degrees * (pi / 180)
    cos, sin, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
    height, width = images.shape[2:]
    # In the normalised coordinates of affine_grid a pixel is 2/W wide and 2/H high.
    matrix = torch.stack([cos, -sin * height / width, zero, sin * width / height, cos, zero], dim=1)
    return _moved(images, matrix, beyond="zeros")


def jitter(images: Tensor, brightness: Tensor, contrast: Tensor, saturation: Tensor) -> Tensor:
    """Scale brightness, then contrast about the mean grey, then saturation, by factors (B)."""
    images = (images * _wide(brightness)).clamp(0, 1)
    mean = _grey(images).mean(dim=(2, 3), keepdim=True)
    images = torch.lerp(mean, images, _wide(contrast)).clamp(0, 1)
    if images.shape[1] == 3:
        images = torch.lerp(_grey(images), images, _wide(saturation)).clamp(0, 1)
    return images


def _moved(images: Tensor, matrices: Tensor, *, beyond: str) -> Tensor:
    """Images read at where affine maps (B, 6) of the normalised coordinates send their pixels."""
    grid = F.affine_grid(matrices.view(-1, 2, 3), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, padding_mode=beyond, align_corners=False)


def _wide(factor: Tensor) -> Tensor:
    return factor[:, None, None, None]


def _grey(images: Tensor) -> Tensor:
    if images.shape[1] != 3:
        return images
    luma = torch.tensor(_LUMA, device=images.device)
    return (images * luma[:, None, None]).sum(dim=1, keepdim=True)  # (B, 3, H, W) -> (B, 1, H, W)
