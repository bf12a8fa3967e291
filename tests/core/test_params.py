"""params.yaml, whole and broken."""

import copy
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc_data.hashfile.meta import Meta

from stages.architectures import mlp
from stages.core import choices, params, yaml12
from stages.core.errors import UserError
from stages.core.spec import Images, Series, Texts
from tests import samples
from tests.mutations import (
    ABSENT,
    Rule,
    block,
    changed,
    listed,
    mutations,
    named,
    number,
    one_of,
    partial,
    paths,
    value,
    whole,
    written,
)
from tests.samples import ROOT

CONTENT = samples.content()
for dataset in CONTENT["datasets"].values():  # what a block may leave out is changed too
    dataset |= {"prepare": {}, "encode": {}} | dataset
SHORTEST = min(run.fit.epochs for run in samples.params().models.values())


def room(name: str) -> Rule:
    return one_of(*(file.stem for file in (ROOT / "stages" / name).glob("*.py") if file.stem != "__init__"))


FLAG = value(lambda given: type(given) is bool)
TEXT = value(lambda given: isinstance(given, str))
MAPPING = value(lambda given: isinstance(given, dict))
NOT_NEGATIVE = number(lambda x: x >= 0)
BELOW_ONE = number(lambda x: 0 <= x < 1)
INNER = number(lambda x: 0 < x < 1)
SEED = whole(0, 2**32 - 1)
# Below these keys are names that the user chooses.
NAMED = ("datasets", "pretrained", "models", "baselines", "parts", "groups")

AUGMENT = {
    "flip": FLAG,
    "zoom": BELOW_ONE,
    "shift": whole(0),
    "rotate": number(lambda x: 0 <= x <= 180),
    "jitter": BELOW_ONE,
}


def pair(rule: Rule) -> Rule:
    """A list of exactly two of what the rule allows."""

    def check(given: Any, at: tuple[str, ...]) -> list[tuple[str, ...]]:
        if not isinstance(given, list) or len(given) > 2:
            return [at]
        return listed(rule)(given, at) + [at] * (len(given) < 2)

    return check


def maybe(rule: Rule) -> Rule:
    """What the rule allows, or null."""
    return lambda given, at: [] if given is None else rule(given, at)


def each(rule: Rule) -> Rule:
    """A mapping from any names to what the rule allows."""

    def check(given: Any, at: tuple[str, ...]) -> list[tuple[str, ...]]:
        if not isinstance(given, dict):
            return [at]
        return [path for key, one in given.items() for path in rule(one, (*at, key))]

    return check


PART = {
    "optimizer": one_of("sgd", "adam", "adamw", "rmsprop"),
    "learning_rate": number(lambda x: x > 0),
    "momentum": BELOW_ONE,
    "nesterov": FLAG,
    "betas": pair(BELOW_ONE),
    "weight_decay": NOT_NEGATIVE,
}
GROUP = {
    "parameters": TEXT,
    "rate": number(lambda x: x > 0),
    "decay": number(lambda x: 0 < x <= 1),
    "frozen": lambda given, at: one_of("always")(given, at) and whole(0)(given, at),
}
FIT = {
    "epochs": whole(1),
    "batch_size": whole(1),
    "optimizer": one_of("sgd", "adam", "adamw", "rmsprop"),
    "learning_rate": number(lambda x: x > 0),
    "momentum": BELOW_ONE,
    "nesterov": FLAG,
    "betas": pair(BELOW_ONE),
    "parts": each(partial({key: maybe(rule) for key, rule in PART.items()})),
    "groups": each(block(GROUP, optional=("rate", "decay", "frozen"))),
    "weight_decay": NOT_NEGATIVE,
    "l1": NOT_NEGATIVE,
    "l2": NOT_NEGATIVE,
    "clip_norm": NOT_NEGATIVE,
    "schedule": one_of("constant", "step", "cosine", "one_cycle", "plateau"),
    "warmup_epochs": whole(0),
    "decay_factor": INNER,
    "decay_epochs": whole(1),
    "monitor": one_of("loss", "accuracy"),
    "keep": one_of("best", "last"),
    "patience": whole(0),
    "sampler": one_of("shuffled", "balanced"),
    "precision": one_of("fp32", "bf16"),
}
SPLIT = {"seed": SEED, "val": INNER, "test": INNER}
DATASET = {
    "source": room("datasets"),
    "path": TEXT,
    "fetch": MAPPING,
    "prepare": MAPPING,
    "encode": MAPPING,
    "split": partial(SPLIT),
}
PRETRAINED = {"source": room("pretrained"), "path": TEXT, "fetch": MAPPING}
RUN = {
    "dataset": TEXT,
    "architecture": room("architectures"),
    "objective": room("objectives"),
    "task": room("tasks"),
    "referee": TEXT,
    "start": TEXT,
    "hyper": MAPPING,
    "loss": MAPPING,
    "measure": MAPPING,
    "fit": partial(FIT | {"augment": partial(AUGMENT)}),
}
BASELINE = {
    "dataset": TEXT,
    "method": room("classical"),
    "task": room("tasks"),
    "referee": TEXT,
    "hyper": MAPPING,
    "measure": MAPPING,
}
FILE = block(
    {
        "seed": SEED,
        "threads": whole(1, 1024),
        "device": one_of("auto", "cpu", "cuda", "mps"),
        "split": block(SPLIT),
        "fit": block(FIT | {"augment": block(AUGMENT)}),
        "datasets": named(block(DATASET, optional=("prepare", "encode", "split"))),
        "pretrained": named(block(PRETRAINED)),
        "models": named(block(RUN)),
        "baselines": named(block(BASELINE)),
    }
)


# What a source of the project's params holds.
KINDS = {"digits": Images, "reviews": Texts, "waves": Series}
ROOMS = {
    "architecture": "architectures",
    "objective": "objectives",
    "task": "tasks",
    "method": "classical",
}


def misfits(file: dict[str, Any], block: dict[str, Any]) -> Iterator[str]:
    """The keys of a block that name what is for other kinds of data than its own."""
    source = file["datasets"].get(block["dataset"], {}).get("source")
    for key in block.keys() & ROOMS.keys() if source in KINDS else ():
        known = inspect.signature(choices.load(ROOMS[key], block[key]).build, eval_str=True).parameters
        if not issubclass(KINDS[source], next(iter(known.values())).annotation):
            yield key


def conflicts(file: dict[str, Any]) -> list[tuple[str, ...]]:
    """Where values that are right by themselves do not go together."""
    wrong = []
    shared = ((), {})
    for at, own in [shared, *((("datasets", k), v.get("split", {})) for k, v in file["datasets"].items())]:
        split = file["split"] | own
        wrong += [(*at, "split", "val")] * (split["val"] + split["test"] >= 1)
    for at, own in [shared, *((("models", k), v.get("fit", {})) for k, v in file["models"].items())]:
        fit = file["fit"] | own
        wrong += [(*at, "fit", "warmup_epochs")] * (fit["warmup_epochs"] >= fit["epochs"])
        wrong += [(*at, "fit", "momentum")] * (fit["nesterov"] and fit["momentum"] == 0)
        for part, its in fit["parts"].items():
            its = fit | {key: value for key, value in its.items() if value is not None}
            wrong += [(*at, "fit", "parts", part, "momentum")] * (its["nesterov"] and its["momentum"] == 0)
    for kind, other in (("models", {}), ("baselines", file["models"])):
        for name, one in file[kind].items():
            wrong += [(kind, name, key) for key in misfits(file, one)]
            wrong += [(kind, name)] * (name == "scratch" or name in other)
            wrong += [(kind, name, "dataset")] * (one["dataset"] not in file["datasets"])
            others = {"scratch"} | (file["models"].keys() - {name})
            unknown = one["referee"] not in others
            judge = file["models"].get(one["referee"], {"task": "none"})
            judges = judge["task"] in ("classification", "forecasting")
            wrong += [(kind, name, "referee")] * (unknown or (one["task"] == "generation" and not judges))
    elsewhere = {"scratch"} | file["models"].keys() | file["baselines"].keys()
    wrong += [("pretrained", name) for name in file["pretrained"] if name in elsewhere]
    for name, run in file["models"].items():
        starts = {"scratch"} | file["pretrained"].keys() | (file["models"].keys() - {name})
        wrong += [("models", name, "start")] * (run["start"] not in starts)
    return wrong


def verdict(monkeypatch: pytest.MonkeyPatch, file: Any) -> list[str]:
    """What `params.load` says of the file, line by line."""
    # Reading YAML would take ten times as long as the check, and has tests of its own.
    monkeypatch.setattr(yaml12, "load", lambda _: file)
    try:
        params.load()
    except UserError as error:
        return str(error).split("\n       ")
    return []


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
        ("models.mlp.fit.nesterov", True, 1),
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
        ("models.mlp.fit.groups", {"a": {"parameters": "b"}}, {"a": {"rate": 1}}),
    ],
)
def test_a_range_ends_where_the_manual_says(
    path: str, right: object, wrong: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not verdict(monkeypatch, changed(CONTENT, tuple(path.split(".")), right))
    assert verdict(monkeypatch, changed(CONTENT, tuple(path.split(".")), wrong))


@pytest.mark.parametrize(
    ("path", "given", "told"),
    [
        # What is shared is told once, not for each block that inherits it.
        ("fit.learning_rate", -1, "fit.learning_rate must be greater than 0, got -1"),
        ("fit.augment.flip", "yes", "fit.augment.flip must be true or false, got 'yes'; write true"),
        ("fit.augment", [], "fit.augment must be a mapping, got []"),
        ("fit", None, "fit must be a mapping, got nothing; write {} for an empty one"),
        ("fit", ABSENT, "fit is missing"),
        ("split.val", 1, "split.val must be less than 1, got 1"),
        ("split", ABSENT, "split is missing"),
        # What is a block's own is told as its own.
        (
            "models.mlp.fit.learning_rate",
            -1,
            "models.mlp.fit.learning_rate must be greater than 0, got -1",
        ),
        ("models.cnn.fit.augment", 1, "models.cnn.fit.augment must be a mapping, got 1"),
        ("fit.betas", [0.9], "fit.betas must be a list of 2 values, got [0.9]"),
        ("fit.betas", 0.9, "fit.betas must be a list, got 0.9"),
        (
            "fit.betas",
            [0.9] * 3,
            "fit.betas must be a list of 2 values, got [0.9, 0.9, 0.9]",
        ),
        (
            "fit.groups",
            {"head": {"parameters": "head.*", "frozen": "no"}},
            "fit.groups.head.frozen must be a number of epochs or always, got 'no'",
        ),
        ("models.mlp.fit.parts", {"model": 1}, "models.mlp.fit.parts.model must be a mapping, got 1"),
        (
            "models.mlp.fit.parts",
            {"model": {"nesterov": True, "momentum": 0.0}},
            "models.mlp.fit.parts.model.momentum must be greater than 0 with nesterov, got 0",
        ),
        (
            "models.mlp.fit.parts",
            {"model": {"learing_rate": 1}},
            "models.mlp.fit.parts.model.learing_rate is not known; did you mean 'learning_rate'?",
        ),
        (
            "models.cnn.fit",
            None,
            "models.cnn.fit must be a mapping, got nothing; write {} for an empty one",
        ),
        ("fit.betas", None, "fit.betas must be a list, got nothing; write [] for an empty one"),
        # Quotes make text of what is none.
        ("fit.epochs", "5", "fit.epochs must be a valid integer, got '5'; quotes make it text: write 5"),
        ("fit.epochs", "five", "fit.epochs must be a valid integer, got 'five'"),
        (
            "fit.learning_rate",
            "1e-3",
            "fit.learning_rate must be a valid number, got '1e-3'; quotes make it text: write 1e-3",
        ),
        ("fit.l1", "1", "fit.l1 must be a valid number, got '1'; quotes make it text: write 1"),
        (
            "fit.nesterov",
            "true",
            "fit.nesterov must be true or false, got 'true'; quotes make it text: write true",
        ),
        # What a value is meant to be, where it tells.
        ("fit.epochs", 40.0, "fit.epochs must be a valid integer, got 40.0; write 40"),
        ("fit.epochs", 1e300, "fit.epochs must be a valid integer, got 1e+300"),
        ("fit.epochs", "1_000", "fit.epochs must be a valid integer, got '1_000'; write 1000"),
        ("fit.epochs", "10,000", "fit.epochs must be a valid integer, got '10,000'; write 10000"),
        ("fit.l1", "0,003", "fit.l1 must be a valid number, got '0,003'; write 0.003"),
        ("fit.l1", "1,5e-3", "fit.l1 must be a valid number, got '1,5e-3'; write 1.5e-3"),
        *(
            ("fit.l1", text, f"fit.l1 must be a valid number, got '{text}'")
            for text in ("10,000", "-1,000", "1,000 %", ".inf", "-.inf", ".nan")
        ),
        ("fit.l1", "12,0035", "fit.l1 must be a valid number, got '12,0035'; write 12.0035"),
        ("fit.l1", "-0,003", "fit.l1 must be a valid number, got '-0,003'; write -0.003"),
        ("fit.l1", "1/3", "fit.l1 must be a valid number, got '1/3'"),
        ("split.val", "15 %", "split.val must be a valid number, got '15 %'; write 0.15"),
        ("fit.nesterov", "Off", "fit.nesterov must be true or false, got 'Off'; write false"),
        ("fit.nesterov", 1, "fit.nesterov must be true or false, got 1; write true"),
        ("fit.nesterov", "maybe", "fit.nesterov must be true or false, got 'maybe'"),
        ("models.mlp.fit.betas", [], "models.mlp.fit.betas must be a list of 2 values, got []"),
        (
            "models.mlp.fit.parts",
            {"model": {"betas": [0.9]}},
            "models.mlp.fit.parts.model.betas must be a list of 2 values, got [0.9]",
        ),
        (
            "models.cnn.hyper",
            "width:4",
            "models.cnn.hyper must be a mapping, got 'width:4'; "
            "a space stands behind a colon: write width: 4",
        ),
        (
            "models.cnn.fit",
            "epochs:4 l1:0.5",
            "models.cnn.fit must be a mapping, got 'epochs:4 l1:0.5'; "
            "a space stands behind a colon: write epochs: 4",
        ),
        # What may be empty is told so where it is missing.
        ("models.cnn.loss", ABSENT, "models.cnn.loss is missing; write `loss: {}` for an empty one"),
        ("models.cnn.fit", ABSENT, "models.cnn.fit is missing; `fit: {}` takes all that is shared"),
        ("pretrained", ABSENT, "pretrained is missing; write `pretrained: {}` for an empty one"),
        # A key that another block has is told with its place.
        ("learning_rate", 1, "learning_rate is not known; did you mean fit.learning_rate?"),
        (
            "models.cnn.learning_rate",
            1,
            "models.cnn.learning_rate is not known; did you mean models.cnn.fit.learning_rate?",
        ),
        (
            "models.cnn.fit.flip",
            True,
            "models.cnn.fit.flip is not known; did you mean models.cnn.fit.augment.flip?",
        ),
        ("models.cnn.fit.loss", {}, "models.cnn.fit.loss is not known; did you mean models.cnn.loss?"),
        ("models.cnn.seed", 1, "models.cnn.seed is not known; did you mean seed?"),
        (
            "datasets.digits.epochs",
            1,
            "datasets.digits.epochs is not known; known: encode, fetch, path, prepare, source, split",
        ),
        (
            "datasets.digits.val",
            0.1,
            "datasets.digits.val is not known; did you mean datasets.digits.split.val?",
        ),
        ("datasets.digits.split", {"val": 1}, "datasets.digits.split.val must be less than 1, got 1"),
        ("datasets", None, "datasets must be a mapping, got nothing; write {} for an empty one"),
        ("datasets.digits.path", None, "datasets.digits.path must be text, got nothing"),
        ("datasets.digits.path", 1, "datasets.digits.path must be text, got 1; quotes make it text"),
        ("datasets.digits.fetch", [], "datasets.digits.fetch must be a mapping, got []"),
        (
            "datasets.digits.fetch",
            {"path": "a.csv"},
            "datasets.digits.fetch.path must stand in the block itself, where DVC watches it, got 'a.csv'",
        ),
        (
            "datasets.digits.encode",
            None,
            "datasets.digits.encode must be a mapping, got nothing; write {} for an empty one",
        ),
        ("datasets.digits.path", ABSENT, "datasets.digits.path is missing"),
        ("datasets.digits.prepar", {}, "datasets.digits.prepar is not known; did you mean 'prepare'?"),
        # A misspelt key or name is told with the nearest known one.
        ("fit.learing_rate", 1, "fit.learing_rate is not known; did you mean 'learning_rate'?"),
        ("models.cnn.fit.augment.Flip", 1, "models.cnn.fit.augment.Flip is not known; did you mean 'flip'?"),
        ("models.cnn.objectiv", 1, "models.cnn.objectiv is not known; did you mean 'objective'?"),
        (
            "models.mlp.architecture",
            "MPL",
            "models.mlp.architecture must be a file of stages/architectures, got 'MPL'; did you mean 'mlp'?",
        ),
        (
            "models.mlp.task",
            "elbo",
            "models.mlp.task must be a file of stages/tasks, got 'elbo', a file of stages/objectives; known: "
            "anomaly_detection, classification, forecasting, generation, masked_language, reconstruction",
        ),
        (
            "baselines.logistic_regression.dataset",
            "digit",
            "baselines.logistic_regression.dataset must be a block of datasets, got 'digit'; "
            "did you mean 'digits'?",
        ),
        (
            "models.cnn.start",
            "cnn",
            "models.cnn.start must not lead back to itself, got cnn <- cnn",
        ),
        (
            "fit.optimizer",
            "Adam",
            "fit.optimizer must be 'sgd', 'adam', 'adamw' or 'rmsprop', got 'Adam'; write adam",
        ),
        ("device", "gpu", "device must be 'auto', 'cpu', 'cuda' or 'mps', got 'gpu'"),
        (
            "fit.optimizer",
            "adma",
            "fit.optimizer must be 'sgd', 'adam', 'adamw' or 'rmsprop', got 'adma'; write adam",
        ),
        (
            "fit.optimizer",
            "lion",
            "fit.optimizer must be 'sgd', 'adam', 'adamw' or 'rmsprop', got 'lion'",
        ),
        (
            "baselines.mlp",
            CONTENT["baselines"]["logistic_regression"],
            "baselines.mlp must be named otherwise: models.mlp has the same files",
        ),
        (
            "models.scratch",
            CONTENT["models"]["cnn"] | {"start": "mlp"},
            "models.scratch must be named otherwise: scratch is the start without weights",
        ),
        (
            "models.mlp-2",
            CONTENT["models"]["mlp"],
            "models.mlp-2 must be at most 64 of a-z, 0-9 and _, a letter first, got 'mlp-2'; write mlp_2",
        ),
    ],
)
def test_a_mistake_is_told_as_a_path_a_rule_and_a_value(
    path: str, given: object, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verdict(monkeypatch, changed(CONTENT, tuple(path.split(".")), given)) == [told]


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
    monkeypatch.setattr(mlp, "build", lambda spec, *, size=3: None)
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
            "generator": {"momentum": 0.25},
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
    file = changed(CONTENT, ("datasets", "digits"), {"source": "digits", "path": path, "fetch": {"a": 1}})
    monkeypatch.setattr(yaml12, "load", lambda _: file)
    own = {} if path == "data/nothing" else {"path": path}
    assert params.load().datasets["digits"].fetching == {"a": 1} | own


def test_what_a_data_set_does_not_say_is_left_to_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    block = {"source": "digits", "path": "data/nothing", "fetch": {}}
    monkeypatch.setattr(yaml12, "load", lambda _: changed(CONTENT, ("datasets", "digits"), block))
    assert params.load().datasets["digits"].prepare == params.load().datasets["digits"].encode == {}


def test_runs_that_start_from_each_other_all_around_are_told_once_with_the_ring(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = copy.deepcopy(CONTENT)
    for run, start in (("mlp", "cnn"), ("cnn", "cnn_gap"), ("cnn_gap", "mlp"), ("perceptron", "mlp")):
        file["models"][run]["start"] = start
    rule = "models.mlp.start must not lead back to itself, got mlp <- cnn <- cnn_gap <- mlp"
    assert verdict(monkeypatch, file) == [rule]
    file["models"]["cnn_gap"]["start"] = "scratch"
    assert not verdict(monkeypatch, file)


GENERATOR = next(name for name, run in CONTENT["models"].items() if run["task"] == "generation")


@pytest.mark.parametrize(
    ("path", "given", "told"),
    [
        (
            "models.mlp.task",
            "forecasting",
            "models.mlp.task must be one for images, as 'digits' holds, got 'forecasting' for series; known: "
            "anomaly_detection, classification, generation, reconstruction",
        ),
        (
            "models.series_linear.task",
            "classification",
            "models.series_linear.task must be one for series, as 'waves' holds, "
            "got 'classification' for images or texts; known: forecasting",
        ),
        (
            "models.text_gru.architecture",
            "cnn",
            "models.text_gru.architecture must be one for texts, as 'reviews' holds, got 'cnn' for images; "
            "known: attention, bag_of_embeddings, bert, recurrent, transformer",
        ),
        (
            "models.mlp.objective",
            "masked_language",
            "models.mlp.objective must be one for images, as 'digits' holds, "
            "got 'masked_language' for texts; known: adversarial, binary_cross_entropy, cross_entropy, elbo, "
            "noise_prediction, perceptron, reconstruction, squared_error",
        ),
        (
            "baselines.logistic_regression.method",
            "ridge",
            "baselines.logistic_regression.method must be one for images, as 'digits' holds, "
            "got 'ridge' for series; known: logistic_regression, nearest_neighbours, pca",
        ),
        (
            f"models.{GENERATOR}.referee",
            "scratch",
            f"models.{GENERATOR}.referee must be a classifier's run for task generation, got 'scratch'",
        ),
    ],
)
def test_a_choice_for_other_data_and_a_referee_that_cannot_judge_are_told_before_any_work(
    path: str, given: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verdict(monkeypatch, changed(CONTENT, tuple(path.split(".")), given)) == [told]
