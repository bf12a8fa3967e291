"""Backbones that users name first, on torch's meta device: shapes alone, which take no time and no memory."""

import pytest
import torch
from torch import nn

from stages.architectures import torchvision_backbone
from tests import samples

# One of each family, and how many numbers its paper describes an image by.
DESCRIBED = {
    "resnet50": 2048,
    "densenet121": 1024,
    "efficientnet_b0": 1280,
    "vit_b_16": 768,
    "convnext_tiny": 768,
}


@pytest.mark.parametrize("name", DESCRIBED)
def test_it_gives_logits_by_a_head_of_its_own(name: str) -> None:
    with torch.device("meta"):
        model = torchvision_backbone.build(samples.spec((3, 90, 60), 5), name=name).eval()
        x = torch.zeros(2, 3, 90, 60)
    assert model(x).shape == (2, 5)
    assert model.features(x).shape == (2, DESCRIBED[name])
    linear = [layer for layer in model.head if isinstance(layer, nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in linear] == [(DESCRIBED[name], 5)]
