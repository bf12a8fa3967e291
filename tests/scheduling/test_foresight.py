"""What is wrong with blocks whose stages are out of date, told of all at once before any of them runs."""

from pathlib import Path
from typing import Any

import pytest
import torch

from stages.core import choices, params, signatures
from stages.core.errors import UserError
from stages.scheduling import foresight
from tests import blocks, project, samples

NET = blocks.run("shapes", "mlp", fit={"epochs": 3}, widths=[8])
NEAR = blocks.baseline("shapes", "nearest_neighbours")
SHAPES = blocks.dataset("digits")
# What a graph has of these blocks.
GRAPH = {
    "download@shapes": frozenset[str](),
    "preprocess@shapes": frozenset({"download@shapes"}),
    "train@net": frozenset({"preprocess@shapes"}),
    "evaluate@net": frozenset({"preprocess@shapes", "train@net"}),
    "baseline@near": frozenset({"preprocess@shapes"}),
}
READY = {
    stage: GRAPH[stage] - {"preprocess@shapes"} for stage in ("train@net", "evaluate@net", "baseline@near")
}


@pytest.fixture(autouse=True)
def _in_a_small_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    project.preprocess()
    project.scratch()


def told(todo: Any, graph: Any = GRAPH, **own: Any) -> list[str]:
    """What is told of the blocks with those keys changed, line by line."""
    net = NET | own.pop("net", {})
    near, shapes = NEAR | own.pop("near", {}), SHAPES | own.pop("shapes", {})
    project.configure(models={"net": net}, baselines={"near": near}, datasets={"shapes": shapes}, **own)
    try:
        foresight.check(params.load(), todo, graph)
    except UserError as error:
        return str(error).split("\n       ")
    return []


def test_of_what_is_right_nothing_is_told() -> None:
    assert told(GRAPH) == told(READY) == []


def test_all_that_is_wrong_is_told_at_once_and_before_there_are_data() -> None:
    lines = told(
        GRAPH,
        shapes={"fetch": {"count": 3}, "encode": {"per_class": -1}},
        net={"hyper": {"width": 8}, "loss": {"label_smoothing": 2}, "measure": {"explian": 1}},
        near={"hyper": {"neighbours": 0}},
    )
    assert [line.partition(" ")[0] for line in lines] == [
        "datasets.shapes.fetch.count",
        "datasets.shapes.encode.per_class",
        "models.net.hyper.width",
        "models.net.loss.label_smoothing",
        "models.net.measure.explian",
        "baselines.near.hyper.neighbours",
    ]
    assert "models.net.hyper.width is not known; did you mean 'widths'?" in lines


@pytest.mark.parametrize("name", samples.params().models)
def test_of_networks_of_every_kind_nothing_is_told(name: str) -> None:
    run = samples.params().models[name]
    fitting = samples.fitting(choices.load("objectives", run.objective).build)
    look = foresight._Look()
    for facts in samples.fitting(choices.load("architectures", run.architecture).build):
        if facts in fitting:
            look._arguments(run.model_copy(update={"task": "any"}), facts, f"models.{name}")
    assert not look.told


def test_what_is_up_to_date_is_not_looked_at() -> None:
    wrong = {"net": {"measure": {"explain": 21}}, "near": {"hyper": {"neighbours": 61}}}
    assert told({}, **wrong) == []
    assert told({"baseline@near": frozenset()}, **wrong) == [
        "baselines.near.hyper.neighbours must be at most the 60 train examples, got 61"
    ]


@pytest.mark.parametrize(
    ("own", "line"),
    [
        (
            {"task": "reconstruction"},
            "models.net.task must be one for answers of shape (3,), as the run gives them, "
            "got 'reconstruction', which asks for (1, 4, 4)",
        ),
        ({"measure": {"explain": 21}}, "models.net.measure.explain must be at most 20, got 21"),
        (
            {"fit": {"epochs": 3, "augment": {"shift": 4}}},
            "models.net.fit.augment.shift must be less than the image (4), got 4",
        ),
        (
            {"architecture": "gan", "hyper": {}, "objective": "adversarial", "fit": {"keep": "best"}},
            "models.net.task must be one that the run can answer, got 'classification', "
            "which asks it to answer to examples",
        ),
        (
            {"objective": "elbo"},
            "models.net: objective elbo must be given an architecture with posterior and logits, got MLP",
        ),
    ],
)
def test_where_data_are_ready_a_network_is_held_against_its_task_objective_and_fit(
    own: dict[str, Any], line: str
) -> None:
    assert line in told(READY, net=own)
    assert line not in told(GRAPH, net=own)  # of data that may come to be others nothing is known


def test_a_baseline_is_held_against_data_that_are_ready() -> None:
    lines = told(READY, near={"hyper": {"neighbours": 61}})
    assert lines == ["baselines.near.hyper.neighbours must be at most the 60 train examples, got 61"]


def test_what_is_monitored_is_held_against_what_there_is_to_monitor() -> None:
    net = {
        "architecture": "autoencoder",
        "objective": "reconstruction",
        "task": "reconstruction",
        "hyper": {},
    }
    fit = {"fit": {"epochs": 1, "monitor": "accuracy"}}
    assert told(READY, net=net | fit) == ["models.net.fit.monitor must be one of loss, got 'accuracy'"]


def test_a_device_that_is_not_here_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    project.configure(models={"net": NET, "other": NET}, baselines={}, device="cuda")
    both = {"train@other": frozenset[str]()}
    for todo in (GRAPH | both, READY | both, READY):  # with and without data, and where one is up to date
        with pytest.raises(UserError) as caught:
            foresight.check(params.load(), todo, GRAPH)
        rule = "device must be one that this machine has"
        assert str(caught.value).count(rule) == 1 and str(caught.value).startswith(rule)
    foresight.check(params.load(), {"evaluate@net": frozenset()}, GRAPH)  # which trains nothing


def test_a_path_that_leads_nowhere_is_told_by_its_key_unless_a_stage_makes_what_lies_there() -> None:
    own = {"source": "text_csv", "path": "no/such.csv", "prepare": {"text": "a", "label": "b"}}
    net = {"architecture": "bag_of_embeddings", "hyper": {}}
    changed = {"shapes": own, "net": net, "near": {"method": "nbsvm"}}
    rule = "datasets.shapes.path must be a file or folder that is there, got 'no/such.csv'"
    assert told(GRAPH, **changed) == [f"{rule}; there is no folder 'no' either"]
    made = GRAPH | {"download@shapes": frozenset({"own.dvc"})}
    assert told(GRAPH, made, **changed) == []


def test_a_source_of_ones_own_may_demand_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    from stages.datasets import digits

    def fetch(folder: Path, *, path: str) -> None: ...

    monkeypatch.setattr(digits, "fetch", fetch)
    monkeypatch.setattr(signatures, "read", lambda *_: None)  # as where its text does not tell
    assert told(GRAPH, shapes={"path": "models/scratch"}) == []
    assert told(GRAPH) == ["datasets.shapes.fetch.path is missing"]


def test_what_a_start_brings_may_be_left_out_before_it_is_there() -> None:
    fetch = {"weights": "ResNet18_Weights.IMAGENET1K_V1"}
    seen = {"source": "torchvision_weights", "path": "data/nothing", "fetch": fetch}
    net = {"architecture": "torchvision_backbone", "hyper": {}}
    assert told(GRAPH, net=net) == ["models.net.hyper.name is missing"]
    assert told(GRAPH, net=net | {"start": "seen"}, pretrained={"seen": seen}) == []


def test_whatever_a_file_of_ones_own_raises_is_left_to_the_stage_that_runs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from stages.architectures import mlp

    def build(spec: samples.Images, *, widths: tuple[int, ...]) -> None:
        raise KeyError("no such layer")

    monkeypatch.setattr(mlp, "build", build)
    assert told(READY) == []


def test_every_heading_is_known_with_the_stages_that_loop_over_it() -> None:
    import yaml

    graph = yaml.safe_load((samples.ROOT / "dvc.yaml").read_text())["stages"]
    loops = {name: stage["foreach"][2:-1] for name, stage in graph.items() if "foreach" in stage}
    assert loops == {stage: heading for heading, stages in foresight.READERS.items() for stage in stages}
