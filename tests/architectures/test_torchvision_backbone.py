"""Classifiers of torchvision with heads of their own: torchvision itself is the referee."""

import pytest
import torch
from torch import nn

from stages.architectures import torchvision_backbone
from stages.core import inputs
from stages.core.vision import torchvision
from stages.modelling import machine
from stages.modelling.contracts import is_headed
from tests import samples

SMALL = ("squeezenet1_1", "mobilenet_v3_small", "resnet18", "shufflenet_v2_x0_5")
models = torchvision.models


@pytest.mark.parametrize("name", SMALL)
def test_it_is_torchvisions_network_but_for_the_head(name: str) -> None:
    spec = samples.spec((3, 64, 64), 5)
    model = torchvision_backbone.build(spec, name=name, side=64)
    whole = models.get_model(name).state_dict()
    own = {key.removeprefix("backbone."): one for key, one in model.state_dict().items() if "backbone" in key}
    gone = whole.keys() - own.keys()
    assert {key.rpartition(".")[2] for key in gone} == {"weight", "bias"} and len(gone) == 2
    assert all(own[key].shape == whole[key].shape for key in own)
    assert model(torch.rand(2, 3, 64, 64)).shape == (2, 5)


@pytest.mark.parametrize("name", SMALL)
def test_descriptions_are_what_torchvisions_last_layer_is_given(name: str) -> None:
    spec = samples.spec((3, 64, 64), 5)
    machine.seed(0)
    model = torchvision_backbone.build(spec, name=name, side=64).eval()
    whole = models.get_model(name).eval()
    whole.load_state_dict(
        {key.removeprefix("backbone."): one for key, one in model.state_dict().items()}, strict=False
    )
    seen: list[torch.Tensor] = []
    last = [one for one in whole.modules() if isinstance(one, nn.Linear | nn.Conv2d)][-1]
    last.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    pixels = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)
    preset = models.get_model_weights(name).DEFAULT.transforms()
    with torch.no_grad():
        described = model.features(inputs.standardise(inputs.unit(pixels), spec))
        whole(torchvision.transforms.functional.normalize(pixels / 255, preset.mean, preset.std))
    (given,) = seen
    if given.ndim == 4:  # the last layer of a SqueezeNet is a convolution, behind which it takes the mean
        given = given.relu().mean(dim=(2, 3))
    assert torch.allclose(described, given, atol=1e-4)


def test_the_head_begins_by_favouring_no_class() -> None:
    model = torchvision_backbone.build(samples.spec(), name="squeezenet1_1", side=32).eval()
    assert not model(100 * torch.rand(2, 1, 8, 8)).any()


def test_grey_images_of_any_size_are_scaled_to_what_it_was_trained_on() -> None:
    model = torchvision_backbone.build(samples.spec((1, 8, 8)), name="squeezenet1_1").eval()
    seen = model.adapt(torch.zeros(2, 1, 8, 8))  # the mean, a grey of 0.5
    assert seen.shape == (2, 3, 224, 224)
    preset = models.get_model_weights("squeezenet1_1").DEFAULT.transforms()
    wanted = (0.5 - torch.tensor(preset.mean)) / torch.tensor(preset.std)
    assert torch.allclose(seen.mean(dim=(0, 2, 3)), wanted, atol=1e-5)


def test_it_has_a_backbone_and_a_head() -> None:
    model = torchvision_backbone.build(samples.spec(), name="squeezenet1_1", side=32)
    assert is_headed(model)
    nn.init.normal_(model.head[-1].weight)
    x = torch.rand(2, 1, 8, 8)
    model.eval()
    assert torch.equal(model(x), model.head(model.features(x)))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            {"name": "resnet81"},
            r"^name must be a classifier of torchvision, got 'resnet81'; did you mean 'resnet18'\?$",
        ),
        ({"name": "inception_v3"}, r"^name must be a classifier of torchvision, got 'inception_v3'"),
        ({"name": "alexnet", "side": 8}, r"^side must be one that the network takes, got 8: "),
        ({"name": "vit_b_32", "side": 64}, r"^side must be one that the network takes, got 64: Wrong image"),
    ],
)
def test_what_torchvision_has_not_is_refused(arguments: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        torchvision_backbone.build(samples.spec(), **arguments)
