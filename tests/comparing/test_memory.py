"""The memory of all networks over time in one table, and which data are called generated."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from stages import compare
from stages.comparing import comparison, overview, panels
from stages.comparing.comparison import Entry, Step
from stages.core import files, params, paths
from stages.core.errors import UserError
from stages.judging import figures
from tests import compared, project, samples
from tests.compared import group

MEMORY = [("memory", "gradient", 0, 1.5), ("memory", "gradient", 1, 0.5)]


@pytest.fixture(autouse=True)
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(figures, "save", lambda *_: None)  # it takes longer than all the rest
    project.configure()
    project.train(project.preprocess())
    project.export()
    for run in ("perceptron", "logistic_regression", "nearest_neighbours"):
        write(run)
    chart(MEMORY)


def write(run: str, **own: Any) -> None:
    scores = {"accuracy": 0.5, "val_accuracy": 0.5, "parameters": 51, "seed": 0, "n": project.SIZES}
    files.write_json(paths.metrics(run), scores | own)


def chart(rows: list[tuple[str, str, int, float]]) -> None:
    other = ("calibration", "share", 0, 0.5)
    files.write_csv(paths.charts("perceptron"), ("chart", "series", "x", "y"), [other, *rows])


def rows() -> list[dict[str, str]]:
    with (paths.REPORTS / "comparison_memory.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def entry(name: str, memory: list[Step]) -> Entry:
    return compared.entry(name, losses=(0.5,), memory=memory, accuracy=0.5)


def test_every_step_back_of_a_network_has_a_row() -> None:
    compare.main()
    assert rows() == [
        {"run": "perceptron", "dataset": "shapes", "steps_back": "0", "gradient": "1.5"},
        {"run": "perceptron", "dataset": "shapes", "steps_back": "1", "gradient": "0.5"},
    ]


def test_a_network_that_sees_no_steps_is_absent() -> None:
    chart([])
    compare.main()
    assert rows() == []


def test_missing_charts_name_the_stage_that_writes_them() -> None:
    paths.charts("perceptron").unlink()
    with pytest.raises(UserError, match="run `dvc repro evaluate@perceptron` first"):
        compare.main()


def test_generated_data_are_called_so_wherever_they_are_named() -> None:
    for run in ("perceptron", "logistic_regression", "nearest_neighbours"):
        write(run, generated=True)
    compare.main()
    assert rows()[0]["dataset"] == "shapes (generated)"
    text = (paths.REPORTS / "comparison.md").read_text(encoding="utf-8")
    assert "## classification on shapes (generated)" in text
    table = (paths.REPORTS / "comparison.csv").read_text(encoding="utf-8")
    assert "shapes (generated)" in table
    assert ",generated," not in table


def test_data_that_are_not_generated_keep_their_name() -> None:
    write("perceptron", generated=False)
    assert {found.dataset for found in comparison.entries(params.load())} == {"shapes"}


def test_only_networks_over_time_have_a_curve_of_memory() -> None:
    over_time = group(entry("gru", [Step(0, 1.5), Step(1, 0.5)]), entry("mlp", []))
    figure = overview.draw([over_time, group(entry("cnn", []))])
    texts, images = (row.subfigs[1] for row in figure.subfigs)
    found = {axes.get_title(loc="left").partition(":")[0]: axes for axes in texts.axes}
    assert list(found) == ["loss", "memory"]
    assert [list(line.get_ydata()) for line in found["memory"].lines] == [[1, 1], [1.5, 0.5]]
    assert [axes.get_title(loc="left") for axes in images.axes] == ["loss"]


@pytest.mark.parametrize("name", ["memory", "classification"])
def test_a_template_is_vega_lite_and_reads_the_columns_that_are_written(name: str) -> None:
    text = (samples.ROOT / f".dvc/plots/{name}.json").read_text(encoding="utf-8")
    assert json.loads(text)["data"] == {"values": "<DVC_METRIC_DATA>"}
    fields = compare.MEMORY if name == "memory" else ("series", "x", "up")
    assert all(f'"field": "{field}"' in text for field in (*fields, "rev"))


def test_what_only_texts_have_leaves_no_empty_panel_for_others() -> None:
    """A facet has a cell for each value that its data hold: none of no data."""
    template = json.loads((samples.ROOT / ".dvc/plots/classification.json").read_text(encoding="utf-8"))
    (panel,) = (panel for panel in template["hconcat"] if "'length'" in panel["transform"][0]["filter"])
    assert panel["facet"]["column"]["field"] == "chart"
    assert "title" not in panel


def test_the_panel_of_memory_tells_what_it_measures() -> None:
    runs = [entry("rnn", [Step(0, 1.5), Step(1, 0.5)])]
    axes = figures.blank(3, 3).subplots()
    panels.draw_memory(axes, runs, panels.looks(runs))
    assert axes.get_title(loc="left") == "memory: gradient by step"
    assert axes.get_ylabel() == "gradient over its mean"
    assert axes.get_xlabel().startswith("steps back from the last")


def test_what_is_forgotten_does_not_squeeze_the_rest() -> None:
    runs = [entry("rnn", [Step(0, 3.0), Step(1, 1e-30), Step(2, 0.0)])]
    axes = figures.blank(3, 3).subplots()
    panels.draw_memory(axes, runs, panels.looks(runs))
    assert (axes.get_yscale(), axes.get_ylim()[0]) == ("log", panels.FORGOTTEN)


def test_a_network_has_its_marker_at_the_first_step_which_is_the_furthest_back() -> None:
    runs = [entry("rnn", [Step(0, 3.0), Step(1, 2.0), Step(2, 1.0)])]
    axes = figures.blank(3, 3).subplots()
    panels.draw_memory(axes, runs, panels.looks(runs))
    _, line = axes.lines
    assert (line.get_marker(), line.get_markevery()) == ("o", [-1])
    assert "Marked at the first step." in overview.KEY
