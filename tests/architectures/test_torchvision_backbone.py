"""Classifiers of torchvision with heads of their own: torchvision itself is the referee."""

from typing import Any

import pytest
import torch
from torch import nn

from stages.architectures import torchvision_backbone
from stages.core import inputs
from stages.core.vision import torchvision
from stages.modelling import machine
from tests import samples

SMALL = ("squeezenet1_1", "mobilenet_v3_small", "resnet18", "shufflenet_v2_x0_5")
models = torchvision.models
WEIGHTS = {
    str(one): name for name in models.list_models(module=models) for one in models.get_model_weights(name)
}
# Of networks that are built for images of one size.
SIZED = [one for one, name in WEIGHTS.items() if name.startswith(("vit_", "maxvit_", "swin_t"))]
# As they are in use once trained.
INCEPTION = {"aux_logits": False, "transform_input": True, "init_weights": False}


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


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_those_with_answers_beside_the_last_one_give_that_one_alone(name: str) -> None:
    machine.seed(0)
    model = torchvision_backbone.build(samples.spec((3, 80, 80), 5), name=name, side=80)
    assert model.training and model(torch.rand(2, 3, 80, 80)).shape == (2, 5)
    whole = models.get_model(name, **INCEPTION)
    own = {key.removeprefix("backbone."): one for key, one in model.state_dict().items() if "backbone" in key}
    assert whole.state_dict().keys() - own.keys() == {"fc.weight", "fc.bias"}
    whole.load_state_dict(own, strict=False)
    whole.fc = nn.Identity()
    x = torch.rand(2, 3, 80, 80)
    with torch.no_grad():
        assert torch.equal(model.eval().features(x), whole.eval()(model.adapt(x)))


@pytest.mark.parametrize("weights", sorted(WEIGHTS))
def test_images_come_in_the_size_and_scale_that_weights_were_trained_on(
    weights: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "get_model", lambda name, **_: nn.Sequential(nn.Linear(1, 1)))
    spec = samples.spec((3, 8, 8))
    model = torchvision_backbone.build(spec, name=WEIGHTS[weights], preset=weights)
    pixels = torch.randint(0, 256, (3, 1, 1), dtype=torch.uint8).expand(3, 8, 8)
    seen = model.adapt(inputs.standardise(inputs.unit(pixels[None]), spec))
    assert torch.allclose(seen, models.get_weight(weights).transforms()(pixels)[None], rtol=1e-4, atol=1e-4)


def test_a_side_of_ones_own_goes_before_that_of_a_preset(monkeypatch: pytest.MonkeyPatch) -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 1))
    monkeypatch.setattr(models, "get_model", lambda name, **_: network)
    preset = "RegNet_Y_16GF_Weights.IMAGENET1K_SWAG_E2E_V1"
    model = torchvision_backbone.build(samples.spec(), name="regnet_y_16gf", preset=preset, side=16)
    assert model.adapt.size == (16, 16)


@pytest.mark.parametrize("weights", SIZED)
def test_networks_of_a_size_are_built_for_that_of_their_weights(weights: str) -> None:
    with torch.device("meta"):  # where a ViT-H takes neither time nor memory
        model = torchvision_backbone.build(samples.spec(), name=WEIGHTS[weights], preset=weights)
        assert model(torch.zeros(2, 1, 8, 8)).shape == (2, 4)


@pytest.mark.parametrize(("name", "side"), [("vit_b_32", 64), ("vit_b_32", 384), ("maxvit_t", 448)])
def test_networks_of_a_size_are_built_for_another_one(name: str, side: int) -> None:
    with torch.device("meta"):
        model = torchvision_backbone.build(samples.spec(), name=name, side=side)
        assert model.adapt(torch.zeros(2, 1, 8, 8)).shape == (2, 3, side, side)
        assert model(torch.zeros(2, 1, 8, 8)).shape == (2, 4)


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
        (
            {"name": "resnet18", "preset": "ResNet50_Weights.IMAGENET1K_V2"},
            r"^preset must be weights of resnet18, got 'ResNet50_Weights\.IMAGENET1K_V2'; "
            r"did you mean 'ResNet18_Weights\.IMAGENET1K_V1'\?$",
        ),
        ({"name": "alexnet", "side": 8}, r"^side must be one that the network takes, got 8: "),
        ({"name": "vit_b_32", "side": 65}, r"^side must be one that the network takes, got 65: Input shape"),
        ({"name": "maxvit_t", "side": 32}, r"^side must be one that the network takes, got 32: Input size"),
    ],
)
def test_what_torchvision_has_not_is_refused(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        torchvision_backbone.build(samples.spec(), **arguments)
