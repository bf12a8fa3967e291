"""Keys of params.yaml in the wrong block."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from stages.core import choices, homes, params, rooms, yaml12
from stages.core.errors import UserError
from stages.core.homes import Place
from stages.core.params import Params
from tests import samples
from tests.mutations import ABSENT, changed
from tests.samples import ROOT

CONTENT = samples.content()
FILE = Place(Params, CONTENT)
# Of each kind of data and of task a block.
BLOCKS = ["datasets.digits", "datasets.reviews", "datasets.waves", "baselines.pca", "baselines.series_ridge"]
BLOCKS += ["models.mlp", "models.text_gru", "models.vae"]


def below(place: Place) -> Iterator[Place]:
    """All places below a block whose keys are known."""
    for inner in place.known():
        yield inner
        yield from below(inner)


def block(path: str) -> Place:
    heading, name = path.split(".")
    return FILE.inside(heading).inside(name)


@pytest.mark.parametrize("path", BLOCKS)
def test_a_key_in_any_wrong_part_of_its_block_is_led_home(path: str) -> None:
    here = block(path)
    places = list(below(here))
    keys = [place.path[-1] for place in places]
    parts = [here, *(place for place in places if list(place.known()))]
    assert len(places) >= 8 and len(parts) > 1
    for place in places:
        if keys.count(place.path[-1]) > 1:
            continue  # it has several homes
        for part in parts:
            if place.path[:-1] != part.path:
                assert homes.find(FILE, (*part.path, place.path[-1])) == place.path


@pytest.mark.parametrize("path", [path for path in BLOCKS if not path.startswith("datasets")])
def test_a_key_of_its_data_set_is_led_there_from_any_part_of_a_run_or_baseline(path: str) -> None:
    here = block(path)
    own = {"seed"} | {place.path[-1] for place in below(here)}
    data = block(f"datasets.{here.mapping['dataset']}")
    foreign = [place for place in below(data) if place.path[-1] not in own]
    assert (*data.path[:2], "split", "val") in [place.path for place in foreign]
    for place in foreign:
        for part in (here.path, (*here.path, "hyper")):
            found = homes.find(FILE, (*part, place.path[-1]))
            assert found and found[-1] == place.path[-1] and found[:2] == data.path


@pytest.mark.parametrize("path", ["baselines.pca.fit", "models.mlp.baselines", "models.mlp.hyper.nobody"])
def test_a_block_is_not_led_to_what_is_shared_nor_to_a_heading(path: str) -> None:
    assert homes.find(FILE, path.split(".")) is None


def test_a_value_of_the_whole_file_is_led_there_from_anywhere() -> None:
    for path in ("models.mlp.hyper.threads", "datasets.digits.split.threads", "baselines.pca.threads"):
        assert homes.find(FILE, path.split(".")) == ("threads",)


@pytest.mark.parametrize(
    ("at", "make", "told"),
    [
        (
            "datasets.reviews.prepare",
            ("datasets", "reviews", "prepare"),
            "datasets.reviews.prepare.length is not known; did you mean datasets.reviews.encode.length?",
        ),
        (
            "models.bert_scratch.loss",
            ("objectives", "cross_entropy", "build"),
            "models.bert_scratch.loss.length is not known; did you mean models.bert_scratch.hyper.length?",
        ),
        (
            "toy.prepare",
            ("datasets", "reviews", "prepare"),
            "toy.prepare.length is not known; known: none",
        ),
    ],
)
def test_an_argument_of_another_function_is_led_home_too(
    at: str, make: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text(json.dumps(CONTENT))  # JSON is YAML
    room, name, function = make
    with pytest.raises(UserError) as caught:
        rooms.check_arguments(getattr(choices.load(room, name), function), {"length": 3}, at=at)
    assert str(caught.value) == told


def test_a_file_that_cannot_be_imported_leaves_the_keys_of_others_to_be_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "stages.architectures.cnn", None)
    monkeypatch.setattr(yaml12, "load", lambda _: changed(CONTENT, ("models", "cnn", "fit", "wdith"), 4))
    with pytest.raises(UserError, match=r"^models\.cnn\.fit\.wdith is not known; known: "):
        params.load(Path("params.yaml"))


def demanded() -> Iterator[tuple[str, str]]:
    """The headings that dvc.yaml goes over, each with the keys that it asks a block below it for."""
    graph = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    for stage in graph.values():
        if heading := re.sub(r"\W", "", stage.get("foreach", "")):
            asked = re.findall(rf"\$\{{item\.(\w+)\}}|\b{heading}\.\$\{{key\}}\.(\w+)", str(stage["do"]))
            yield from ((heading, item or param) for item, param in asked)


def test_what_dvc_asks_a_block_for_params_demand_too(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = {"source": "weights_file", "path": "a.pth", "fetch": {}}
    content = CONTENT | {"pretrained": {"weights": weights}}
    asked = sorted(set(demanded()))
    assert {("models", "fit"), ("models", "start"), ("datasets", "path"), ("pretrained", "path")} <= {*asked}
    for heading, key in asked:
        name = next(iter(content[heading]))
        monkeypatch.setattr(yaml12, "load", lambda _, at=(heading, name, key): changed(content, at, ABSENT))
        with pytest.raises(UserError, match=rf"^{heading}\.{name}\.{key} is missing"):
            params.load(Path("params.yaml"))
