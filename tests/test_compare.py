"""`python -m stages.compare`."""

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from stages import compare, tasks
from stages.comparing import comparison, groups, overview
from stages.core import choices, files, params, paths
from stages.core.errors import UserError
from stages.judging import figures
from tests import blocks, project

SAVE = figures.save
RUNS = ("perceptron", "logistic_regression", "nearest_neighbours")


@pytest.fixture(autouse=True)
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(figures, "save", lambda *_: None)  # it takes longer than all the rest
    project.configure()
    project.train(project.preprocess())
    project.export()
    files.write_csv(paths.charts("perceptron"), ("chart", "series", "x", "y"), [])
    for run, accuracy in zip(RUNS, (0.9, 0.7, 0.8), strict=True):
        write(run, accuracy=accuracy, val_accuracy=accuracy)


def write(run: str, **own: Any) -> None:
    scores = {
        "accuracy": 0.5,
        "log_loss": 0.3,
        "roc_auc": None,
        "accuracy_gap": 0.02,
    }
    rest = {
        "parameters": 51,
        "seed": 0,
        "n": project.SIZES,
        "per_class": {"circle": {"f1": 0.5, "recall": None}},
    }
    files.write_json(paths.metrics(run), scores | rest | own)


def rows(name: str) -> list[dict[str, str]]:
    with (paths.REPORTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def report() -> str:
    compare.main()
    return (paths.REPORTS / "comparison.md").read_text(encoding="utf-8")


def ranking(text: str) -> list[str]:
    return re.findall(r"^\| `(\w+)`", text, flags=re.MULTILINE)


def test_every_scalar_of_every_run_has_a_row() -> None:
    compare.main()
    found = {(row["run"], row["metric"]): row["value"] for row in rows("comparison.csv")}
    assert len(found) == len(rows("comparison.csv"))
    assert found["perceptron", "accuracy"] == "0.9"
    assert found["nearest_neighbours", "n.test"] == "30"
    assert found["logistic_regression", "per_class.circle.f1"] == "0.5"
    assert found["perceptron", "export.size_bytes"] == "2048"
    assert {(row["kind"], row["dataset"], row["task"]) for row in rows("comparison.csv")} == {
        ("network", "shapes", "classification"),
        ("baseline", "shapes", "classification"),
    }


def test_who_rounds_a_score_of_the_file_gets_what_the_table_shows() -> None:
    """Six digits of it are 0.90265, which rounds to 90.27 %."""
    write("perceptron", accuracy=0.9026499, val_accuracy=0.5)
    assert "**90.26%**" in report()
    (score,) = (
        row["value"]
        for row in rows("comparison.csv")
        if (row["run"], row["metric"]) == ("perceptron", "accuracy")
    )
    assert f"{float(score):.2%}" == "90.26%"


def test_what_is_undefined_has_no_row() -> None:
    compare.main()
    metrics = {row["metric"] for row in rows("comparison.csv")}
    assert metrics.isdisjoint({"roc_auc", "per_class.circle.recall"})


def test_the_table_is_sorted_best_first_and_the_best_is_bold() -> None:
    text = report()
    assert ranking(text) == ["perceptron", "nearest_neighbours", "logistic_regression"]
    assert text.count("**90.00%**") == 1
    assert "80.00%" in text
    assert "**80.00%**" not in text


def test_the_table_says_on_how_much_it_stands() -> None:
    assert "60 examples to train on, 15 to choose by (validation), 30 to judge on (test); seed 0." in report()
    write("perceptron", seed=5)
    assert re.search(r"`perceptron`: 60 examples to train on, .*seed 5", report())


def test_whether_deep_learning_pays_is_said_of_those_whom_validation_chose() -> None:
    write("logistic_regression", accuracy=0.7, val_accuracy=0.99, accuracy_low=0.6, accuracy_high=0.75)
    write("perceptron", accuracy=0.9, val_accuracy=0.9, accuracy_low=0.85, accuracy_high=0.95)
    assert (
        "**Deep learning pays here**: on test the chosen network `perceptron` (90.00%) is 20.00 points "
        "better in accuracy than the chosen baseline `logistic_regression` (70.00%)"
    ) in report()
    assert ranking(report()) == ["perceptron", "nearest_neighbours", "logistic_regression"]


def test_without_baselines_it_is_said_that_they_are_missing() -> None:
    project.configure(baselines={})
    assert "**No verdict**: this table has no baseline to compare with. Add a block" in report()


def test_a_report_that_params_do_not_name_is_left_aside() -> None:
    write("removed", accuracy=1.0)
    assert "removed" not in report()
    assert {row["run"] for row in rows("comparison.csv")} == set(RUNS)


def test_curves_of_all_networks_stand_in_one_file() -> None:
    compare.main()
    alike = {"run": "perceptron", "dataset": "shapes", "task": "classification", "epoch": "1", "kept": "1"}
    assert rows("comparison_curves.csv") == [
        alike | {"split": "train", "measure": "perceptron_loss", "value": "0.5"},
        alike | {"split": "val", "measure": "perceptron_loss", "value": "0.25"},
    ]


def test_the_loss_of_a_part_is_called_by_what_is_minimised_too() -> None:
    rows_of = [(1, "val", measure, 0.5, 1) for measure in ("discriminator_loss", "accuracy")]
    files.write_csv(paths.curves("perceptron"), ("epoch", "split", "measure", "value", "kept"), rows_of)
    compare.main()
    found = [row["measure"] for row in rows("comparison_curves.csv")]
    assert found == ["perceptron_discriminator_loss", "accuracy"]


def test_losses_of_different_units_share_no_axis_and_all_else_does() -> None:
    """Of what is minimised a name may change the unit, as `absolute` does; a number does not."""
    block = params.load().models["perceptron"].model_dump()
    losses = {
        "nats": ("elbo", {"beta": 1.0}),
        "nats_too": ("elbo", {"beta": 0.3}),
        "squares": ("reconstruction", {}),
        "squares_too": ("reconstruction", {"norm": "squared"}),
        "levels": ("reconstruction", {"norm": "absolute", "noise": 0.1}),
    }
    project.configure(
        models={name: block | {"objective": one, "loss": given} for name, (one, given) in losses.items()},
        baselines={},
    )
    for name in losses:
        write(name, accuracy=0.5)
        files.write_csv(paths.charts(name), ("chart", "series", "x", "y"), [])
        shutil.copy(paths.export("perceptron"), paths.export(name))
        rows_of = [(1, "val", measure, 0.5, 1) for measure in ("loss", "kl")]
        files.write_csv(paths.curves(name), ("epoch", "split", "measure", "value", "kept"), rows_of)
    compare.main()
    found: dict[str, set[str]] = {}
    for row in rows("comparison_curves.csv"):
        found.setdefault(row["measure"], set()).add(row["run"])
    assert found == {
        "elbo_loss": {"nats", "nats_too"},
        "reconstruction_loss": {"squares", "squares_too"},
        "reconstruction_absolute_loss": {"levels"},
        "kl": set(losses),
    }
    (row,) = overview.draw(groups.find(comparison.entries(params.load()))).subfigs
    titles = [axes.get_title(loc="left") for axes in row.subfigs[1].axes]
    evidence = ["negative evidence lower bound", "KL divergence of latents"]
    assert titles == [*evidence, "reconstruction loss", "reconstruction absolute loss"]


def test_a_second_comparison_writes_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "save", SAVE)
    compare.main()
    names = ["comparison.csv", "comparison.md", "comparison_curves.csv", "comparison.png"]
    first = [(paths.REPORTS / name).read_bytes() for name in names]
    compare.main()
    assert [(paths.REPORTS / name).read_bytes() for name in names] == first


@pytest.mark.parametrize(
    ("missing", "stage"),
    [
        (paths.metrics("perceptron"), "evaluate@perceptron"),
        (paths.metrics("nearest_neighbours"), "baseline@nearest_neighbours"),
        (paths.charts("perceptron"), "evaluate@perceptron"),
        (paths.export("perceptron"), "export@perceptron"),
        (paths.curves("perceptron"), "train@perceptron"),
    ],
)
def test_a_missing_report_names_the_stage_that_writes_it(missing: Path, stage: str) -> None:
    missing.unlink()
    with pytest.raises(UserError, match=rf"{missing} is missing: run `dvc repro {stage}` first"):
        compare.main()


def test_a_task_whose_best_is_lowest_needs_no_more_than_its_own_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = tmp_path / "stages"
    for room in ("architectures", "objectives", "datasets", "classical", "tasks"):
        shutil.copytree(choices.STAGES / room, house / room)
    column = 'Column("mae", "MAE", "lower", ".3f", "mean absolute error")'
    (house / "tasks/counting.py").write_text(
        '"""Counting: how many."""\n\nfrom stages.judging.columns import Column\n\n'
        f"COLUMNS = ({column},)\nCHOICE = COLUMNS[0]\n"
    )
    monkeypatch.setattr(choices, "STAGES", house)
    monkeypatch.setattr(tasks, "__path__", [str(house / "tasks")])
    names = {"worse": 2.0, "better": 1.0, "none": None}
    block = blocks.baseline("shapes", "nearest_neighbours", "counting")
    project.configure(models={}, baselines=dict.fromkeys(names, block))
    for name, error in names.items():
        write(name, mae=error)
    text = report()
    assert "## counting on shapes" in text
    assert "\n\nCounting: how many. The columns:\n" in text
    assert ranking(text) == ["better", "worse", "none"]
    assert "**1.000**" in text


TEMPLATES = sorted(file.stem for file in (Path(__file__).parents[1] / ".dvc/plots").glob("*.json"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_plot_template_is_vega_lite_with_a_place_for_the_data(name: str) -> None:
    template = json.loads((Path(__file__).parents[1] / f".dvc/plots/{name}.json").read_text(encoding="utf-8"))
    assert template["$schema"] == "https://vega.github.io/schema/vega-lite/v5.json"
    assert template["data"] == {"values": "<DVC_METRIC_DATA>"}
    assert '"rev"' in json.dumps(template)


def test_the_comparison_plots_what_may_be_compared_apart_from_the_rest() -> None:
    """A panel holds the runs of one task and data set; an axis for the names of all would be empty."""
    for name, columns in (("scores", compare.METRICS), ("comparison", compare.CURVES)):
        template = json.loads(
            (Path(__file__).parents[1] / f".dvc/plots/{name}.json").read_text(encoding="utf-8")
        )
        (panel,) = (step["calculate"] for step in template["transform"] if step.get("as") == "panel")
        assert {"task", "dataset"} <= set(re.findall(r"datum[.](\w+)", panel)) <= set(columns)
        assert template["resolve"]["scale"]["y"] == "independent"


@pytest.mark.parametrize("name", ["curves", "comparison"])
def test_plotted_curves_have_a_larger_point_at_the_epoch_that_is_kept(name: str) -> None:
    template = json.loads((Path(__file__).parents[1] / f".dvc/plots/{name}.json").read_text(encoding="utf-8"))
    plain, (kept,) = (
        [layer for layer in template["spec"]["layer"][1:] if ("transform" in layer) is marked]
        for marked in (False, True)
    )
    assert kept["transform"] == [{"filter": "datum.kept == 1"}] and "kept" in compare.CURVES
    assert kept["mark"]["size"] > 2 * plain[0]["mark"]["size"]
    assert "kept" in template["spec"]["encoding"]["x"]["title"]


def test_a_run_has_one_colour_in_all_plotted_panels_and_the_legend_names_every_run() -> None:
    template = json.loads(
        (Path(__file__).parents[1] / ".dvc/plots/comparison.json").read_text(encoding="utf-8")
    )
    color = template["spec"]["encoding"]["color"]
    assert color["field"] == "run"
    assert "color" not in template["resolve"]["scale"]
    assert tuple(color["scale"]["range"]) == figures.HUES
    assert color["legend"]["symbolLimit"] == 0  # Vega's own is 30


@pytest.mark.parametrize("name", ["curves", "comparison"])
def test_the_lines_of_a_revision_are_dashed_alike_and_no_other_mark_tells_it(name: str) -> None:
    template = json.loads((Path(__file__).parents[1] / f".dvc/plots/{name}.json").read_text(encoding="utf-8"))
    lines = [layer for layer in template["spec"]["layer"] if layer["mark"]["type"] == "line"]
    assert [line["encoding"]["strokeDash"]["field"] for line in lines] == ["rev"]
    assert json.dumps(template).count('"rev"') == 1


def test_nothing_to_compare_is_said_and_no_mistake() -> None:
    project.configure(models={}, baselines={})
    said = "othing to compare: `models` and `baselines` of params.yaml are empty"
    assert compare.main().said == f"n{said}"
    assert report().endswith(f"\n\n**N{said}.**\n")
    assert (paths.REPORTS / "comparison.csv").read_text() == "run,kind,dataset,task,metric,value\n"


@pytest.mark.parametrize(("parameters", "told"), [(51, True), (99, False)])
def test_a_run_of_another_size_is_not_the_same_network_from_scratch(parameters: int, told: bool) -> None:
    block = params.load().models["perceptron"].model_dump()
    project.configure(models={"perceptron": block, "tuned": block | {"start": "perceptron"}}, baselines={})
    write("tuned", accuracy=0.95, val_accuracy=0.95, parameters=parameters)
    for path in (paths.charts, paths.export, paths.curves):
        shutil.copy(path("perceptron"), path("tuned"))
    assert ("the same network from scratch" in report()) is told
