"""What params.yaml may hold, written down a second time: by rules that know nothing of the code."""

import inspect
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from pydantic import ConfigDict, TypeAdapter, ValidationError

from stages.core import choices, params, yaml12
from stages.core.errors import UserError
from stages.core.spec import Images, Series, Texts
from tests import samples
from tests.mutations import Rule, block, listed, named, number, one_of, partial, value, whole
from tests.samples import ROOT

CONTENT = samples.content()
for dataset in CONTENT["datasets"].values():  # what a block may leave out is changed too
    dataset |= {"prepare": {}, "encode": {}} | dataset


def room(name: str) -> Rule:
    return one_of(*(file.stem for file in (ROOT / "stages" / name).glob("*.py") if file.stem != "__init__"))


FLAG = value(lambda given: type(given) is bool)
TEXT = value(lambda given: isinstance(given, str))
MAPPING = value(lambda given: isinstance(given, dict))
NOT_NEGATIVE = number(lambda x: x >= 0)
BELOW_ONE = number(lambda x: 0 <= x < 1)
INNER = number(lambda x: 0 < x < 1)
SEED = whole(0, 2**32 - 1)

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
# The arguments of a block: what names their file, its room, the key that they stand under, who takes them.
ARGUMENTS = {
    "datasets": [("source", "datasets", step, step) for step in ("fetch", "prepare", "encode")],
    "pretrained": [("source", "pretrained", "fetch", "fetch")],
    "models": [
        ("architecture", "architectures", "hyper", "build"),
        ("objective", "objectives", "loss", "build"),
        ("task", "tasks", "measure", "build"),
    ],
    "baselines": [("method", "classical", "hyper", "build"), ("task", "tasks", "measure", "build")],
}


def misfits(file: dict[str, Any], block: dict[str, Any]) -> Iterator[str]:
    """The keys of a block that name what is for other kinds of data than its own."""
    source = file["datasets"].get(block["dataset"], {}).get("source")
    for key in block.keys() & ROOMS.keys() if source in KINDS else ():
        known = inspect.signature(choices.load(ROOMS[key], block[key]).build, eval_str=True).parameters
        if not issubclass(KINDS[source], next(iter(known.values())).annotation):
            yield key


@cache
def taken(room: str, name: str, function: str) -> dict[str, tuple[TypeAdapter[Any], bool]]:
    """The arguments that a function takes by name, each with whether it must be given: asked of itself."""
    known = inspect.signature(getattr(choices.load(room, name), function), eval_str=True).parameters
    exact = ConfigDict(strict=True, allow_inf_nan=False)
    return {
        key: (TypeAdapter(one.annotation, config=exact), one.default is one.empty)
        for key, one in known.items()
        if one.kind is one.KEYWORD_ONLY
    }


def mistaken(given: dict[str, Any], room: str, name: str, function: str) -> Iterator[tuple[str, ...]]:
    """The paths below the arguments of a function that it does not take, or not so, or demands."""
    known = taken(room, name, function)
    yield from ((key,) for key, (_, is_demanded) in known.items() if is_demanded and key not in given)
    for key, argument in given.items():
        try:
            known[key][0].validate_json(json.dumps(argument))
        except KeyError:
            yield (key,)
        except ValidationError as error:
            yield from ((key, *map(str, one["loc"])) for one in error.errors())


def misled(file: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Where blocks have arguments, or a path, that the files they name do not take."""
    for heading, each_kind in ARGUMENTS.items():
        for name, one in file[heading].items():
            for choice, room, key, function in each_kind:
                given = one.get(key, {})
                if key == "fetch" and one["path"] != "data/nothing":
                    given = given | {"path": one["path"]}
                for at in mistaken(given, room, one[choice], function):
                    yield (heading, name, "path") if at == ("path",) else (heading, name, key, *at)


def stalls(fit: dict[str, Any]) -> bool:
    """Whether Nesterov's momentum is asked for, and none."""
    return bool(fit["optimizer"] == "sgd" and fit["nesterov"] and fit["momentum"] == 0)


def conflicts(file: dict[str, Any]) -> list[tuple[str, ...]]:
    """Where values that are right by themselves do not go together."""
    wrong = list(misled(file))
    shared = ((), {})
    for at, own in [shared, *((("datasets", k), v.get("split", {})) for k, v in file["datasets"].items())]:
        split = file["split"] | own
        wrong += [(*at, "split", "val")] * (split["val"] + split["test"] >= 1)
    for at, own in [shared, *((("models", k), v.get("fit", {})) for k, v in file["models"].items())]:
        fit = file["fit"] | own
        wrong += [(*at, "fit", "warmup_epochs")] * (fit["warmup_epochs"] >= fit["epochs"])
        for group, its in fit["groups"].items():
            never = (frozen := its.get("frozen", 0)) != "always" and frozen >= fit["epochs"]
            wrong += [(*at, "fit", "groups", group, "frozen")] * never
        wrong += [(*at, "fit", "momentum")] * stalls(fit)
        for part, its in fit["parts"].items():
            its = fit | {key: value for key, value in its.items() if value is not None}
            wrong += [(*at, "fit", "parts", part, "momentum")] * stalls(its)
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
        balanced = (file["fit"] | run["fit"])["sampler"], run["loss"].get("class_weights")
        wrong += [("models", name, "loss", "class_weights")] * (balanced == ("balanced",) * 2)
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
