"""`python -m stages.adopt <pretrained>`, from a file of weights to a network that starts from them."""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from stages import adopt, train
from stages.core import paths
from stages.core.adopted import ENTRY, Origin
from stages.core.errors import UserError
from stages.core.vision import torchvision
from stages.modelling import weights
from stages.sourcing import fetching
from stages.sourcing.fetching import Remote
from tests import project
from tests.test_train import RUN

models = torchvision.models
TENSORS = {"features.0.weight": torch.rand(3, 2), "features.0.bias": torch.rand(3)}


@pytest.fixture(autouse=True)
def _in_a_small_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.delenv("DATA_MIRROR", raising=False)
    project.preprocess()
    project.scratch()


def configure(path: str = "data/nothing", source: str = "weights_file", **fetch: str) -> None:
    project.configure(pretrained={"elsewhere": {"source": source, "path": path, "fetch": fetch}})


def adopted() -> dict[str, Tensor]:
    adopt.main("elsewhere")
    return weights.read("elsewhere")[0]


def left() -> list[str]:
    return sorted(path.name for path in Path("models").glob("elsewhere/*"))


@pytest.mark.parametrize("wrapped", ["plainly", "in a state_dict", "of a parallel network"])
def test_tensors_are_called_as_in_the_file(wrapped: str) -> None:
    content: Any = {
        "plainly": TENSORS,
        "in a state_dict": {"epoch": 3, "state_dict": TENSORS},
        "of a parallel network": {f"module.{name}": tensor for name, tensor in TENSORS.items()},
    }[wrapped]
    torch.save(content, "own.pth")
    configure("own.pth")
    found = adopted()
    assert found.keys() == TENSORS.keys()
    assert all(torch.equal(found[name], tensor) for name, tensor in TENSORS.items())
    assert left() == ["model.safetensors"]


def test_safetensors_are_read_too_and_the_bytes_repeat() -> None:
    from safetensors.torch import save_file

    save_file(TENSORS, "own.safetensors")
    configure("own.safetensors")
    found, first = adopted(), paths.weights("elsewhere").read_bytes()
    assert len(found) == 2
    assert adopted() and paths.weights("elsewhere").read_bytes() == first


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_floats_of_any_precision_are_those_of_the_networks_here(kind: torch.dtype) -> None:
    first = TENSORS["features.0.weight"].to(kind)
    torch.save({"first": first, "tied": first, "count": torch.tensor(7)}, "own.pth")
    configure("own.pth")
    found = adopted()
    assert found["first"].dtype == torch.float32 and torch.equal(found["first"], first.float())
    assert torch.equal(found["tied"], found["first"])
    assert found["count"].dtype == torch.int64 and found["count"] == 7


def test_a_mirror_gives_what_is_at_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("mirror/weights").mkdir(parents=True)
    torch.save(TENSORS, "mirror/weights/net.pth")
    monkeypatch.setenv("DATA_MIRROR", "mirror")
    sha256 = hashlib.sha256(Path("mirror/weights/net.pth").read_bytes()).hexdigest()
    configure(url="https://localhost/net.pth", sha256=sha256)
    assert len(adopted()) == 2


def test_official_weights_are_held_against_the_beginning_of_their_sha256(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of the file that torchvision names the mirror has another of the same name."""
    Path("mirror/weights").mkdir(parents=True)
    torch.save(TENSORS, "mirror/weights/squeezenet1_0-b66bff10.pth")
    monkeypatch.setenv("DATA_MIRROR", "mirror")
    monkeypatch.setattr("stages.sourcing.fetching._is_url", lambda place: False)
    configure(source="torchvision_weights", weights="SqueezeNet1_0_Weights.IMAGENET1K_V1")
    with pytest.raises(UserError, match=r"sha256 must be b66bff10, got [0-9a-f]{8} of [\d,]+ bytes"):
        adopt.main("elsewhere")


class Harmful:
    """What unpickling would run."""

    def __reduce__(self) -> Any:
        return os.system, ("touch harmed",)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({}, r"own.pth must hold tensors by name and nothing else, got none; torch.save\("),
        ([torch.zeros(1)], r"own.pth must hold tensors by name and nothing else, got 'list'; "),
        ({"a": torch.zeros(1), "b": 1}, r"own.pth must hold tensors by name and nothing else, got 'int'; "),
        (Harmful(), r"must be .*: it is no state dict, or holds objects beside tensors; torch.save\("),
    ],
)
def test_what_is_more_or_less_than_tensors_is_refused_and_never_run(content: Any, told: str) -> None:
    torch.save(content, "own.pth")
    configure("own.pth")
    with pytest.raises(UserError, match=told):
        adopt.main("elsewhere")
    assert not Path("harmed").exists()
    assert not Path("models/elsewhere").exists()


@pytest.mark.parametrize(
    ("name", "content", "writer"),
    [
        ("own.pth", b"no", "torch.save"),
        ("own.pth", b"\x80\x02", "torch.save"),
        ("own.safetensors", b"no" * 20, "safetensors.torch.save_file"),
    ],
)
def test_a_broken_file_costs_one_line_with_what_writes_one_of_its_name(
    name: str, content: bytes, writer: str
) -> None:
    Path(name).write_bytes(content)
    configure(name)
    told = (
        rf"^pretrained\.elsewhere: {name} must be safetensors or a state dict of tensors: [^;]+; {writer}\("
    )
    with pytest.raises(UserError, match=told):
        adopt.main("elsewhere")


@pytest.mark.filterwarnings("ignore")  # of torch: the form is not made any more
def test_what_torch_advises_for_a_compiled_network_is_not_passed_on() -> None:
    torch.jit.script(torch.nn.Linear(1, 1)).save("own.pth")
    configure("own.pth")
    with pytest.raises(
        UserError, match=r": [^;]+ TorchScript archives passed to ``torch\.load``; torch\.save"
    ):
        adopt.main("elsewhere")


@pytest.mark.parametrize(
    ("source", "fetch", "told"),
    [
        ("weights_file", {}, r"pretrained\.elsewhere\.fetch\.url must be an address"),
        ("weights_file", {"weight": "a"}, r"pretrained\.elsewhere\.fetch\.weight is not known"),
        ("torchvision_weights", {}, r"pretrained\.elsewhere\.fetch\.weights is missing"),
        (
            "torchvision_weights",
            {"weights": "ResNet18_Weights.IMAGENET1K_V2"},
            r"weights must be a name and version of torchvision's, got 'ResNet18_Weights\.IMAGENET1K_V2'; "
            r"did you mean 'ResNet18_Weights\.IMAGENET1K_V1'\?$",
        ),
    ],
)
def test_a_mistake_in_the_block_is_told_with_its_path(source: str, fetch: dict[str, str], told: str) -> None:
    configure(source=source, **fetch)
    with pytest.raises(UserError, match=told):
        adopt.main("elsewhere")


def test_a_run_starts_from_them_and_says_what_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    tensors = {name: tensor + 1 for name, tensor in models.get_model("squeezenet1_1").state_dict().items()}
    torch.save(tensors, "own.pth")
    own = {"architecture": "torchvision_backbone", "hyper": {"name": "squeezenet1_1", "side": 32}}
    groups = {"body": {"parameters": "backbone.*", "frozen": "always"}}
    fit = {"epochs": 1, "keep": "last", "groups": groups}
    block = {"source": "weights_file", "path": "own.pth", "fetch": {}}
    project.configure(
        models={"small": RUN | own | {"start": "elsewhere", "fit": fit}}, pretrained={"elsewhere": block}
    )
    adopt.main("elsewhere")
    train.main("small")
    left = "head.1.bias, head.1.weight (not there); classifier.1.bias, classifier.1.weight"
    told = f"start: 50 of 52 tensors from elsewhere; not taken: {left} (without a place here)\n"
    assert told in capsys.readouterr().out
    trained, _ = weights.read("small")
    taken = [name for name in tensors if "classifier" not in name]
    assert all(torch.equal(trained[f"backbone.{name}"], tensors[name]) for name in taken)


def test_a_network_without_a_backbone_starts_from_a_plain_state_dict(
    capsys: pytest.CaptureFixture[str],
) -> None:
    theirs = {"hidden.0.0.weight": torch.rand(8, 16), "hidden.0.0.bias": torch.rand(8)}
    torch.save(theirs | {"hidden.1.0.weight": torch.rand(9, 8), "exit.weight": torch.rand(3)}, "own.pth")
    groups = {"first": {"parameters": "hidden.0.*", "frozen": "always"}}
    own = {"start": "elsewhere", "hyper": {"widths": [8, 4]}, "fit": {"epochs": 1, "groups": groups}}
    block = {"source": "weights_file", "path": "own.pth", "fetch": {}}
    project.configure(models={"small": RUN | own}, pretrained={"elsewhere": block})
    adopt.main("elsewhere")
    train.main("small")
    left = "head.bias, head.weight, hidden.1.0.bias (not there); hidden.1.0.weight (of another shape); "
    left += "exit.weight (without a place here)"
    assert f"start: 2 of 6 tensors from elsewhere; not taken: {left}\n" in capsys.readouterr().out
    trained, _ = weights.read("small")
    assert all(torch.equal(trained[name], tensor) for name, tensor in theirs.items())


def test_weights_that_do_not_fit_at_all_are_refused() -> None:
    torch.save(TENSORS, "own.pth")
    block = {"source": "weights_file", "path": "own.pth", "fetch": {}}
    project.configure(models={"small": RUN | {"start": "elsewhere"}}, pretrained={"elsewhere": block})
    adopt.main("elsewhere")
    with pytest.raises(
        UserError, match=r"models\.small\.start: none of the 2 tensors of 'elsewhere', .* fits"
    ):
        train.main("small")


def publish(tensors: dict[str, Tensor], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have them for those that torchvision offers, whichever are asked for."""

    @contextmanager
    def given(remotes: list[Remote], *_: object, **__: object) -> Iterator[list[Path]]:
        file = folder / remotes[0].name
        torch.save(tensors, file)
        yield [file]

    monkeypatch.setattr(fetching, "downloads", given)


def test_official_weights_are_called_as_in_the_network_of_today(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The published files of DenseNet call `norm1` of a layer `norm.1`."""
    today = models.get_model("densenet121").state_dict()
    published = {
        re.sub(r"(denselayer\d+\.(?:norm|conv))(\d)", r"\1.\2", name): tensor
        for name, tensor in today.items()
        if not name.endswith("num_batches_tracked")  # which came later
    }
    assert published.keys() != today.keys()

    publish(published, tmp_path, monkeypatch)
    configure(source="torchvision_weights", weights="DenseNet121_Weights.IMAGENET1K_V1")
    before, found = torch.hub.get_dir(), adopted()
    origin = Origin.model_validate_json(weights.read("elsewhere")[1][ENTRY])
    hyper = {"name": "densenet121", "preset": "DenseNet121_Weights.IMAGENET1K_V1"}
    assert (origin.architecture, origin.hyper) == ("torchvision_backbone", hyper)
    assert found.keys() == today.keys()
    assert all(torch.equal(found[name], tensor) for name, tensor in today.items())
    assert torch.hub.get_dir() == before and left() == ["model.safetensors"]


def test_a_run_and_those_behind_it_see_images_as_the_official_weights_that_it_starts_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of a VGG that saw them in another scale than its network does by default, here of one layer."""
    layers = torch.nn.Conv2d(3, 2, 1), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten()
    monkeypatch.setattr(
        models, "get_model", lambda name, **_: torch.nn.Sequential(*layers, torch.nn.Linear(2, 9))
    )
    publish(TENSORS, tmp_path, monkeypatch)
    seen = {"name": "vgg16", "preset": "VGG16_Weights.IMAGENET1K_FEATURES"}
    fit = {"epochs": 1, "groups": {"body": {"parameters": "backbone.*", "frozen": "always"}}}
    first = RUN | {"architecture": "torchvision_backbone", "hyper": {"side": 8}, "fit": fit}
    block = {"source": "torchvision_weights", "path": "data/nothing", "fetch": {"weights": seen["preset"]}}
    runs = {"first": first | {"start": "elsewhere"}, "second": first | {"start": "first"}}
    project.configure(models=runs, pretrained={"elsewhere": block})
    adopt.main("elsewhere")
    for run in runs:
        train.main(run)
        model, card = weights.load(run)
        assert card.hyper == seen | {"side": 8}
        assert torch.allclose(model.adapt.scale, torch.tensor(0.2 * 255))
