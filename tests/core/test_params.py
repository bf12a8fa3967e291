"""params.yaml, whole and broken: what is refused, and what blocks inherit."""

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc_data.hashfile.meta import Meta

from stages.core import params, signatures, yaml12
from stages.core.errors import UserError
from stages.core.signatures import Signature
from tests import samples
from tests.manual import CONTENT, FILE, conflicts, verdict
from tests.mutations import changed, mutations, paths, written
from tests.samples import ROOT

SHORTEST = min(run.fit.epochs for run in samples.params().models.values())
EPOCHS = samples.params().models["transfer_finetuned"].fit.epochs
# Below these keys are names that the user chooses.
NAMED = ("datasets", "pretrained", "models", "baselines", "parts", "groups")


def test_the_params_of_the_project_are_right() -> None:
    content = yaml12.load(ROOT / "params.yaml")
    assert params.load(ROOT / "params.yaml").models.keys() == content["models"].keys()
    assert FILE(content, ()) == conflicts(content) == []


def places() -> Iterator[Any]:
    """Every block and leaf; slow where an earlier run, baseline or data set has the same."""
    seen = set()
    for path in [(), *paths(CONTENT)]:
        kind = (path[0], *path[2:]) if path[:1] in {("datasets",), ("models",), ("baselines",)} else path
        known = len(path) > 1 and kind in seen
        yield pytest.param(path, marks=[pytest.mark.slow] * known, id=written(path) or "all of it")
        seen.add(kind)


@pytest.mark.parametrize("path", list(places()))
def test_whatever_changes_in_the_file_is_refused_with_its_path_or_right(
    path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in mutations(CONTENT, path):
        wrong = {written(at) or "params.yaml" for at in FILE(file, ()) or conflicts(file)}
        told = verdict(monkeypatch, file)
        assert bool(told) == bool(wrong), (told, wrong)
        for line in told:
            assert "\n" not in line and len(line) < 500
            assert any(line.startswith(f"{at} ") for at in wrong), (line, wrong)
        assert len(told) == len(set(told))


@pytest.mark.parametrize(
    ("path", "right", "wrong"),
    [
        ("seed", 2**32 - 1, 2**32),
        ("threads", 1024, 1025),
        ("split.val", 0.7499, 0.75),
        ("datasets.digits.split", {"test": 0.8499}, {"test": 0.85}),
        ("fit.batch_size", 2**31 - 1, 2**31),
        ("fit.warmup_epochs", SHORTEST - 1, SHORTEST),
        ("models.mlp.fit.warmup_epochs", 39, 40),
        ("models.mlp.fit.epochs", 1, 0),
        ("fit.momentum", 0.999, 1.0),
        ("fit.decay_factor", 0.999, 1.0),
        ("fit.decay_factor", 0.001, 0.0),
        ("fit.learning_rate", 1e-300, 0.0),
        ("fit.l1", 0, -1e-300),
        ("fit.augment.rotate", 180, 180.1),
        ("models.perceptron.fit.nesterov", False, True),  # its momentum is 0
        ("models.mlp.fit.nesterov", False, 1),
        ("fit.betas", [0.0, 0.999], [0.9, 1.0]),
        ("fit.parts", {"model": {}}, {"model": {"betas": [0.9]}}),
        ("models.mlp.fit.betas", [0.5, 0.5], [0.5, True]),
        ("models.mlp.fit.parts", {"model": {"nesterov": None}}, {"model": {"nesterov": 0}}),
        ("models.mlp.fit.parts", {"a": {"learning_rate": 1e-300}}, {"a": {"learning_rate": 0}}),
        ("fit.groups", {"all": {"parameters": "*", "decay": 1}}, {"all": {"parameters": "*", "decay": 1.1}}),
        (
            "fit.groups",
            {"a": {"parameters": "b", "frozen": "always"}},
            {"a": {"parameters": "b", "frozen": -1}},
        ),
        (
            "fit.groups",
            {"a": {"parameters": "b", "frozen": SHORTEST - 1}},
            {"a": {"parameters": "b", "frozen": SHORTEST}},
        ),
        ("models.transfer_finetuned.fit.groups.body.frozen", EPOCHS - 1, EPOCHS),
        ("models.transfer_finetuned.fit.epochs", 11, 10),  # of which 10 are frozen
        ("models.mlp.fit.groups", {"a": {"parameters": "b"}}, {"a": {"rate": 1}}),
    ],
)
def test_a_range_ends_where_the_manual_says(
    path: str, right: object, wrong: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not verdict(monkeypatch, changed(CONTENT, tuple(path.split(".")), right))
    assert verdict(monkeypatch, changed(CONTENT, tuple(path.split(".")), wrong))


def mappings(node: Any, *at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every mapping of a file, by its path."""
    if isinstance(node, dict):
        yield ".".join(at), node
    for step, inner in node.items() if isinstance(node, dict) else enumerate(node):
        if isinstance(inner, dict | list):
            yield from mappings(inner, *at, str(step))


@pytest.mark.parametrize("name", [Meta.PARAM_SIZE, Meta.PARAM_NFILES])
def test_no_key_is_called_what_dvc_leaves_out_when_it_looks_for_a_cached_run(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = changed(copy.deepcopy(CONTENT), ("models", "mlp", "hyper"), {"list": [{}, [{"inner": {}}]]})
    found = dict(mappings(deep))
    assert found.keys() >= {"", "models", "models.cnn.fit.augment", "models.mlp.hyper.list.1.0.inner"}
    for at, mapping in found.items():
        mapping[name] = {}
        (told,) = verdict(monkeypatch, deep)
        path = f"{at}.{name}".strip(".")
        is_named_freely = at.rpartition(".")[2] in NAMED
        assert told.endswith(f"; such as my_{name}") == is_named_freely
        assert told.startswith(f"{path} must be called otherwise, as DVC does not look at ")
        del mapping[name]


def test_an_argument_that_no_key_may_be_called_is_not_suggested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "read", lambda *_: Signature(Path(), {"size": None}, frozenset()))
    (told,) = verdict(monkeypatch, changed(CONTENT, ("models", "mlp", "hyper"), {"size": 3}))
    assert told.startswith("models.mlp.hyper.size must be called otherwise, ")
    assert told.endswith("; such as my_size, in its file too")


def test_all_mistakes_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = changed(changed(CONTENT, ("seed",), -1), ("models", "mlp", "fit", "epochs"), 0)
    assert verdict(monkeypatch, broken) == [
        "seed must be greater than or equal to 0, got -1",
        "models.mlp.fit.epochs must be greater than or equal to 1, got 0",
    ]


def test_a_run_inherits_what_it_does_not_say_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    file = changed(CONTENT, ("fit", "augment", "flip"), True)
    monkeypatch.setattr(yaml12, "load", lambda _: changed(file, ("fit", "batch_size"), 17))
    runs = params.load().models
    assert runs["cnn"].fit.augment.flip and runs["cnn"].fit.augment.shift == 1
    own = CONTENT["models"]
    assert runs["cnn"].fit.batch_size == 17 and runs["cnn"].fit.epochs == own["cnn"]["fit"]["epochs"]
    assert runs["perceptron"].fit.batch_size == own["perceptron"]["fit"]["batch_size"]


def test_a_part_inherits_what_it_does_not_say_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = {"parts": {"generator": {"momentum": 0.5, "betas": [0.0, 0.9]}}}
    own = {
        "learning_rate": 0.5,
        "betas": [0.5, 0.75],
        "parts": {
            "generator": {"optimizer": "sgd", "momentum": 0.25},
            "other": {"learning_rate": 2.0},
            "last": {"betas": [0, 0.5]},
        },
    }
    file = changed(CONTENT, ("fit",), CONTENT["fit"] | shared)
    monkeypatch.setattr(yaml12, "load", lambda _: changed(file, ("models", "mlp", "fit"), own))
    fit = params.load().models["mlp"].fit
    assert fit.of("generator").betas == (0.0, 0.9) and fit.of("generator").momentum == 0.25
    assert fit.of("generator").learning_rate == 0.5 and fit.of("other").learning_rate == 2.0
    assert fit.of("other").betas == fit.betas == (0.5, 0.75) and fit.of("last").betas == (0.0, 0.5)
    assert fit.of("unsaid") == fit


def test_a_data_set_inherits_how_it_is_split(monkeypatch: pytest.MonkeyPatch) -> None:
    file = changed(CONTENT, ("datasets", "digits", "split"), {"val": 0.3})
    monkeypatch.setattr(yaml12, "load", lambda _: file)
    split = params.load().datasets["digits"].split
    assert split.val == 0.3 and split.test == CONTENT["split"]["test"]


def test_params_are_read_from_the_file(tmp_path: Path) -> None:
    text = yaml.safe_dump(CONTENT).replace("learning_rate: 0.003", "learning_rate: 3e-05")
    (tmp_path / "params.yaml").write_text(text)
    assert params.load(tmp_path / "params.yaml").models["mlp"].fit.learning_rate == 3e-5


@pytest.mark.parametrize("name", ["mpl", "", "--help", "../mlp", "a\nb"])
def test_a_block_that_is_not_there_is_told_on_one_line(name: str) -> None:
    with pytest.raises(UserError) as caught:
        params.pick(samples.params().models, name, kind="models")
    assert re.fullmatch(r"models\..+ is not in params.yaml; (did you mean|known:) .+", str(caught.value))


@pytest.mark.parametrize("path", ["data/nothing", "data/own"])
def test_a_file_of_the_users_own_is_handed_to_fetch(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    block = {"source": "image_folder", "path": path, "fetch": {"url": "a"}}
    file = changed(CONTENT, ("datasets", "digits"), block)
    monkeypatch.setattr(yaml12, "load", lambda _: file)
    own = {} if path == "data/nothing" else {"path": path}
    assert params.load().datasets["digits"].fetching == {"url": "a"} | own


def test_what_a_data_set_does_not_say_is_left_to_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    block = {"source": "digits", "path": "data/nothing", "fetch": {}}
    monkeypatch.setattr(yaml12, "load", lambda _: changed(CONTENT, ("datasets", "digits"), block))
    assert params.load().datasets["digits"].prepare == params.load().datasets["digits"].encode == {}
