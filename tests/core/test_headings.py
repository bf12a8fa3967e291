"""Blocks of params.yaml in a wrong place."""

from typing import Any

import pytest

from stages.core import params, yaml12
from stages.core.errors import UserError
from tests import samples
from tests.mutations import changed

CONTENT = samples.content()
WEIGHTS = {"source": "hub", "path": "data/nothing", "fetch": {"name": "a/b", "revision": "0" * 40}}
BLOCKS = {
    "datasets": CONTENT["datasets"]["waves"],
    "models": CONTENT["models"]["cnn"],
    "baselines": CONTENT["baselines"]["pca"],
}
PLACES = [
    *(("mine",), ("datasets", "mine"), ("pretrained", "mine"), ("models", "mine"), ("baselines", "mine")),
    *(("models", "cnn", "mine"), ("datasets", "digits", "mine"), ("baselines", "pca", "mine")),
]
CALLED = {"datasets": "a data set", "models": "a run", "baselines": "a baseline"}


def told(monkeypatch: pytest.MonkeyPatch, *path: str, block: Any) -> str:
    """All that is said of the params with `block` at `path`."""
    monkeypatch.setattr(yaml12, "load", lambda _: changed(CONTENT, path, block))
    with pytest.raises(UserError) as caught:
        params.load()
    return str(caught.value)


@pytest.mark.parametrize(
    ("heading", "path"),
    [(heading, path) for heading in BLOCKS for path in PLACES if path != (heading, "mine")],
    ids=lambda given: given if isinstance(given, str) else ".".join(given),
)
def test_a_block_in_a_place_of_others_costs_one_line_that_says_where_it_belongs(
    monkeypatch: pytest.MonkeyPatch, heading: str, path: tuple[str, ...]
) -> None:
    looks = f"{'.'.join(path)} looks like {CALLED[heading]}: move it under {heading}"
    assert told(monkeypatch, *path, block=BLOCKS[heading]) == looks


# Of the few keys of a data set too few are left.
@pytest.mark.parametrize("heading", ["models", "baselines"])
def test_it_is_known_also_where_a_key_is_missing_and_one_is_misspelt(
    monkeypatch: pytest.MonkeyPatch, heading: str
) -> None:
    first, second, *_ = block = BLOCKS[heading]
    broken = {f"{key}s" if key == second else key: block[key] for key in block if key != first}
    assert told(monkeypatch, "mine", block=broken).endswith(f": move it under {heading}")


def test_all_strays_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    both = CONTENT["models"] | {"one": BLOCKS["datasets"], "other": BLOCKS["baselines"]}
    assert len(told(monkeypatch, "models", block=both).splitlines()) == 2


def test_weights_and_data_whose_keys_are_the_same_are_told_apart_by_the_room_of_their_source(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = "datasets.mine.source must be a file of stages/datasets, got 'hub', a file of stages/pretrained; "
    assert told(monkeypatch, "datasets", "mine", block=WEIGHTS).startswith(start)


def test_keys_as_far_out_as_the_name_of_their_block_are_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spilt = CONTENT["models"] | {"mine": None, "dataset": "digits", "architecture": "cnn", "hyper": {}}
    assert told(monkeypatch, "models", block=spilt) == (
        "models.dataset must stand below the name of a run, two spaces further in, "
        "and so must architecture, hyper"
    )


@pytest.mark.parametrize(
    ("path", "block", "kind"),
    [
        (("models", "fit"), {"epochs": 3}, "a run"),
        (("models", "hyper"), {"channels": 3}, "a run"),
        (("datasets", "encode"), {"length": 3}, "a data set"),
        (("datasets", "split"), {"val": 0.3}, "a data set"),
        (("baselines", "measure"), {}, "a baseline"),
    ],
)
def test_a_mapping_as_far_out_as_the_name_of_its_block_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, path: tuple[str, ...], block: dict[str, Any], kind: str
) -> None:
    said = f"{'.'.join(path)} must stand below the name of {kind}, two spaces further in"
    assert told(monkeypatch, *path, block=block) == said


@pytest.mark.parametrize("name", ["datasets", "fit"])
def test_a_block_may_be_called_as_a_heading_or_a_key_is_and_is_then_told_its_own_faults(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    said = told(monkeypatch, "models", name, block=CONTENT["models"]["cnn"] | {"objektive": "x"})
    assert said == f"models.{name}.objektive is not known; did you mean 'objective'?"


def test_a_heading_that_stands_too_far_in_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    said = told(monkeypatch, "datasets", "models", block=CONTENT["models"])
    assert said == "datasets.models must stand at the left margin, as every heading does"


@pytest.mark.parametrize("file", ["params.yaml", "benchmarks/params.yaml"])
def test_nothing_is_said_of_blocks_that_are_right(file: str) -> None:
    params.load(samples.ROOT / file)
