"""Names that are files, and arguments held against the signature of what they build."""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from dvc_data.hashfile.meta import Meta

from stages.core import blocks, choices, fitting, params, rooms, yaml12
from stages.core.checking import Block
from stages.core.errors import UserError
from stages.core.ranges import Count, Fraction
from stages.core.spec import Spec
from tests import samples
from tests.mutations import (
    Rule,
    block,
    changed,
    listed,
    mutations,
    number,
    one_of,
    paths,
    value,
    whole,
    written,
)

FLAG = value(lambda given: type(given) is bool)
FRACTION = number(lambda x: 0 <= x < 1)
POSITIVE = number(lambda x: x > 0)
ACTIVATION = one_of("relu", "leaky_relu", "sigmoid", "tanh", "gelu")
COMMON = {"activation": ACTIVATION, "dropout": FRACTION, "batch_norm": FLAG}
COMMON |= {"init": one_of("xavier", "kaiming")}
MAPS = {"channels": listed(whole(1)), "pooling": one_of("max", "avg")}
SIZES = {"width": whole(1), "hidden": whole(1), "layers": whole(1), "dropout": FRACTION}
CELL = one_of("rnn", "lstm", "gru")

# room, file: arguments that are right, and the rules of all it takes.
BUILDS: dict[tuple[str, str], tuple[dict[str, Any], dict[str, Rule]]] = {
    ("architectures", "perceptron"): ({"init": "zeros"}, {"init": one_of("zeros", "xavier")}),
    ("architectures", "mlp"): (
        {"widths": [8, 4], "activation": "relu", "dropout": 0.2, "batch_norm": True, "init": "xavier"},
        COMMON | {"widths": listed(whole(1))},
    ),
    ("architectures", "cnn"): (
        {"channels": [4, 8], "hidden": 8, "activation": "gelu", "pooling": "avg", "batch_norm": False},
        COMMON | MAPS | {"hidden": whole(1)},
    ),
    ("architectures", "cnn_gap"): (
        {"channels": [4, 8], "activation": "tanh", "dropout": 0, "init": "kaiming"},
        COMMON | MAPS,
    ),
    ("architectures", "recurrent"): (
        {"cell": "gru", "width": 4, "hidden": 5, "bidirectional": True, "pooling": "max", "dropout": 0.1},
        SIZES
        | {"cell": CELL, "bidirectional": FLAG, "pooling": one_of("last", "mean", "max"), "relative": FLAG},
    ),
    ("architectures", "attention"): (
        {"score": "dot", "cell": "rnn", "width": 4, "bidirectional": False},
        SIZES | {"score": one_of("additive", "dot"), "cell": CELL, "bidirectional": FLAG, "relative": FLAG},
    ),
    ("architectures", "transformer"): (
        # 28 is shared by every count of heads that is tried, the default among them.
        {"width": 28, "heads": 1, "hidden": 8, "dropout": 0.1, "relative": True},
        SIZES | {"heads": whole(1), "relative": FLAG},
    ),
    ("architectures", "bag_of_embeddings"): (
        {"width": 4, "dropout": 0.5},
        {"width": whole(1), "dropout": FRACTION},
    ),
    ("architectures", "linear_forecaster"): (
        {"trend": 3, "relative": False},
        {
            "trend": value(lambda given: not whole(0)(given, ()) and (not given or given % 2)),
            "relative": FLAG,
        },
    ),
    ("objectives", "cross_entropy"): (
        {"label_smoothing": 0.1, "class_weights": "balanced"},
        {"label_smoothing": FRACTION, "class_weights": one_of("none", "balanced")},
    ),
    ("objectives", "binary_cross_entropy"): ({}, {}),
    ("objectives", "squared_error"): ({}, {}),
    ("objectives", "perceptron"): ({}, {}),
    ("classical", "logistic_regression"): (
        {"l2": 0.1, "iterations": 10},
        {"l2": POSITIVE, "iterations": whole(1)},
    ),
    ("classical", "nearest_neighbours"): (
        {"neighbours": 3, "smoothing": 1.0},
        {"neighbours": whole(1, 64), "smoothing": POSITIVE},  # the spec has 64 train examples
    ),
}
REQUIRED = {
    "recurrent": {"cell": "gru"},
    "torchvision_backbone": {"name": "shufflenet_v2_x0_5", "side": 32},
}
FILES = [
    (room, file.stem)
    for room in ("architectures", "objectives", "classical")
    for file in sorted((choices.STAGES / room).glob("[!_]*.py"))
]
CASES = [(*key, path) for key, (right, _) in BUILDS.items() for path in [(), *paths(right)]]


def verdict(room: str, name: str, arguments: Any, *, spec: Spec | None = None) -> list[str]:
    """What `rooms.build` says of the arguments, line by line; with a spec of the last kind that fits."""
    spec = spec or samples.fitting(choices.load(room, name).build)[-1]
    try:
        rooms.build(room, name, spec, arguments, at="here")
    except UserError as error:
        return str(error).split("\n       ")
    return []


def besides_missing(told: list[str]) -> list[str]:
    """What is said of the arguments that are given: others, a file of one's own may demand of its runs."""
    return [line for line in told if not line.endswith(" is missing")]


@pytest.mark.parametrize(("room", "name", "path"), CASES, ids=lambda part: str(part))
def test_whatever_changes_in_the_arguments_is_refused_with_its_path_or_right(
    room: str, name: str, path: tuple[str, ...]
) -> None:
    right, rules = BUILDS[room, name]
    rule = block(rules, optional=tuple(rules.keys() - REQUIRED.get(name, {})))
    for arguments in mutations(right, path):
        wrong = {f"here.{written(at)}".strip(".") for at in rule(arguments, ())}
        told = verdict(room, name, arguments)
        assert bool(told) == bool(wrong), (arguments, told)
        for line in told:
            assert any(line.startswith(f"{at} ") for at in wrong), (line, wrong)


@pytest.mark.parametrize(("room", "name"), FILES)
def test_no_argument_of_any_file_takes_what_nobody_meant(room: str, name: str) -> None:
    known = inspect.signature(choices.load(room, name).build).parameters
    for key in (*known, "Unknown", "", "a.b"):
        (told,) = besides_missing(verdict(room, name, REQUIRED.get(name, {}) | {key: {"no": "meaning"}}))
        assert told.startswith(f"here.{written((key,))} ")


def test_the_arguments_in_the_blocks_of_the_project_are_right() -> None:
    """Those of networks, which weights that they start from may bring, are so where networks are built."""
    project = params.load(samples.ROOT / "params.yaml")
    given = [("objectives", run.objective, run.loss) for run in project.models.values()]
    given += [("classical", one.method, one.hyper) for one in project.baselines.values()]
    given += [("tasks", one.task, one.measure) for one in project.judged.values()]
    for room, name, arguments in given:
        rooms.check_arguments(choices.load(room, name).build, arguments, at=f"{room}.{name}")


@pytest.mark.parametrize(
    ("room", "name", "given", "told"),
    [
        ("architectures", "mlp", samples.texts_spec(), "images, got the texts of 'sample'"),
        ("architectures", "bert", samples.spec(), "texts, got the images of 'sample'"),
        ("architectures", "recurrent", samples.spec(), "texts or series, got the images of 'sample'"),
        ("tasks", "classification", samples.series_spec(), "images or texts, got the series of 'sample'"),
    ],
)
def test_another_kind_of_data_is_told_with_the_kinds_that_fit(
    room: str, name: str, given: Spec, told: str
) -> None:
    with pytest.raises(UserError) as caught:
        rooms.build(room, name, given, {}, at="models.toy.hyper")
    assert str(caught.value) == f"models.toy: {name} must be given {told}"


@pytest.mark.parametrize(("room", "name"), FILES)
def test_every_file_builds_for_the_kinds_that_it_names_and_no_other(room: str, name: str) -> None:
    fitting = samples.fitting(choices.load(room, name).build)
    assert fitting
    for make in samples.KINDS.values():
        told = besides_missing(verdict(room, name, REQUIRED.get(name, {}), spec=make()))
        assert bool(told) == (make() not in fitting)


def building(monkeypatch: pytest.MonkeyPatch, build: Callable[..., Any]) -> None:
    monkeypatch.setattr(rooms, "load", lambda room, name: SimpleNamespace(build=build))


def test_a_list_of_yaml_is_taken_for_a_tuple_however_deep(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def build(
        spec: object,
        *,
        any_length: tuple[Count, ...],
        pair: tuple[Fraction, Literal["a", "b"]],
        nested: tuple[tuple[int, ...], ...],
        plain: list[float],
    ) -> tuple[object, ...]:
        return any_length, pair, nested, plain

    building(monkeypatch, build)
    file = tmp_path / "hyper.yaml"
    file.write_text("any_length: [128, 64]\npair: [0.5, a]\nnested: [[1, 2], []]\nplain: [1, 2.5]\n")
    built = rooms.build("architectures", "any", None, yaml12.load(file), at="hyper")
    assert built == ((128, 64), (0.5, "a"), ((1, 2), ()), [1.0, 2.5])


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("widths", [8, 0], "hyper.widths.1 must be greater than or equal to 1, got 0"),
        ("widths", [8, True], "hyper.widths.1 must be a valid integer, got True"),
        ("widths", [8, 2.0], "hyper.widths.1 must be a valid integer, got 2.0; write 2"),
        ("widths", 8, "hyper.widths must be a list, got 8; a list is written [8]"),
        ("widths", "64, 32", "hyper.widths must be a list, got '64, 32'; a list is written [64, 32]"),
        ("widths", {"a": 1}, "hyper.widths must be a list, got {'a': 1}"),
        ("widths", "88", "hyper.widths must be a list, got '88'; a list is written [88]"),
        ("widths", "8" * 61, f"hyper.widths must be a list, got '{'8' * 61}'"),
        ("widht", [8], "hyper.widht is not known; did you mean 'widths'?"),
        ("spec", None, "hyper.spec is not known; known: flag, widths"),
        ("flag", 1, "hyper.flag must be true or false, got 1; write true"),
        ("flag", None, "hyper.flag must be true or false, got nothing"),
    ],
)
def test_a_wrong_argument_is_told_as_a_path_a_rule_and_a_value(
    monkeypatch: pytest.MonkeyPatch, name: str, given: object, told: str
) -> None:
    def build(spec: object, *, widths: "tuple[Count, ...]", flag: bool = False) -> None:
        raise AssertionError("built all the same")

    building(monkeypatch, build)
    with pytest.raises(UserError) as caught:
        rooms.build("architectures", "any", None, changed({"widths": [8]}, (name,), given), at="hyper")
    assert str(caught.value) == told


def test_an_argument_without_a_default_must_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(spec: object, *, width: Count) -> None:
        raise AssertionError("built all the same")

    building(monkeypatch, build)
    with pytest.raises(UserError, match=r"^hyper\.width is missing$"):
        rooms.build("architectures", "any", None, {}, at="hyper")


def test_an_argument_without_an_annotation_may_be_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(spec: object, *, width=3) -> object:  # type: ignore[no-untyped-def]
        return width

    building(monkeypatch, build)
    assert rooms.build("architectures", "any", None, {"width": [None]}, at="hyper") == [None]


def test_a_default_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(spec: object, *, widths: tuple[Count, ...] | None = None) -> object:
        return widths

    building(monkeypatch, build)
    assert rooms.build("architectures", "any", None, {}, at="hyper") is None


def spoken() -> Iterator[tuple[str, str]]:
    """Every key that a params.yaml of the project may have, and where."""
    for kind in (blocks, fitting, params):
        for name, one in vars(kind).items():
            if isinstance(one, type) and issubclass(one, Block):
                yield from ((name, key) for key in one.model_fields)
    for room in ("architectures", "objectives", "tasks", "classical", "datasets", "pretrained"):
        for file in sorted((choices.STAGES / room).glob("[!_]*.py")):
            module = choices.load(room, file.stem)
            for name in ("build", "fetch", "prepare", "encode"):
                if make := getattr(module, name, None):
                    yield from ((f"{room}/{file.name}", key) for key in inspect.signature(make).parameters)


def test_no_key_is_one_that_dvc_leaves_out_when_it_looks_for_a_cached_run() -> None:
    """A change of such a param would bring back the results of before it."""
    keys = list(spoken())
    assert {("Fit", "learning_rate"), ("architectures/mlp.py", "widths")} <= set(keys)
    assert [(where, key) for where, key in keys if key in (Meta.PARAM_SIZE, Meta.PARAM_NFILES)] == []
