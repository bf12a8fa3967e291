"""The picture of the comparison: scores that are its legend, and panels that fit."""

from dataclasses import replace

import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from stages.comparing import overview, panels
from stages.comparing.comparison import Entry, Point
from stages.judging import figures
from stages.judging.verdict import Column

ACCURACY = Column("accuracy", "accuracy", "higher", ".2%")
ERROR = Column("mse", "MSE", "lower", ".4f")


def entry(name: str, *losses: float, **metrics: float) -> Entry:
    return Entry(
        name=name,
        kind="network",
        dataset="digits",
        task="classification",
        metrics=metrics,
        curves=[Point(epoch, "val", "loss", loss) for epoch, loss in enumerate(losses, start=1)],
        memory=[],
    )


def scores(entries: list[Entry], column: Column) -> Axes:
    axes = figures.blank(3, 3).subplots()
    panels.draw_scores(axes, entries, column, panels.looks(entries))
    return axes


def test_the_names_beside_the_scores_are_the_legend_of_the_curves() -> None:
    """A run without a score too has its colour beside its name."""
    entries = [entry("gru", 1.0, 0.5), entry("lstm", 0.9, 0.4, accuracy=0.8)]
    (row,) = overview.draw([("on digits", entries, ACCURACY)]).subfigs
    (ranked,), (curves,) = (part.axes for part in row.subfigs)
    named = {
        tick.label1.get_text(): to_hex(tick.tick1line.get_markeredgecolor())
        for tick in ranked.yaxis.get_major_ticks()
    }
    drawn = {tuple(line.get_ydata()): to_hex(line.get_color()) for line in curves.lines}
    assert named == {"gru": drawn[1.0, 0.5], "lstm": drawn[0.9, 0.4]}
    assert len(set(named.values())) == 2


def test_when_hues_are_taken_the_next_marker_begins_with_the_first_hue() -> None:
    names = [f"run_{i}" for i in range(len(figures.HUES) * len(panels.MARKERS))]
    looks = panels.looks([*map(entry, names), replace(entry("ridge"), kind="baseline")])
    assert [looks[names[i]] for i in (0, 11, 12, -1)] == [
        (figures.HUES[0], "o"),
        (figures.HUES[-1], "o"),
        (figures.HUES[0], "s"),
        (figures.HUES[-1], "P"),
    ]
    assert len(set(looks.values())) == len(names) + 1
    assert looks["ridge"].color not in figures.HUES


def test_a_network_has_its_marker_at_its_score_and_where_its_curve_ends() -> None:
    entries = [entry(f"run_{i}", 1.0, 0.5, accuracy=i / 20) for i in range(13)]
    found = scores(entries, ACCURACY)
    dots = [line for line in found.lines if line.get_marker() not in ("", "None")]
    assert [line.get_marker() for line in dots] == ["o"] * 12 + ["s"]
    assert [float(line.get_xdata()[0]) for line in dots] == [i / 20 for i in range(13)]
    axes = figures.blank(3, 3).subplots()
    panels.draw_curves(axes, entries, "loss", panels.looks(entries))
    assert [(line.get_marker(), line.get_markevery()) for line in axes.lines] == (
        [("o", [-1])] * 12 + [("s", [-1])]
    )


def test_a_score_is_written_beside_its_row_to_the_right_of_all_points() -> None:
    axes = scores([entry("gru", accuracy=0.5), entry("lstm", accuracy=0.8)], ACCURACY)
    figure = axes.get_figure()
    assert figure is not None
    figure.draw_without_rendering()
    inner, outer = axes.get_window_extent(), figure.bbox
    for row, text in enumerate(axes.texts):
        place = text.get_window_extent()
        assert inner.x1 <= place.x0 <= place.x1 <= outer.x1
        assert place.y0 < axes.transData.transform((0, row))[1] < place.y1


def test_an_interval_is_told_of_only_where_a_score_has_one() -> None:
    plain, known = entry("gru", accuracy=0.5), entry("lstm", accuracy=0.5, accuracy_stderr=0.01)
    assert "95 % interval" not in scores([plain], ACCURACY).get_xlabel()
    assert "95 % interval" in scores([plain, known], ACCURACY).get_xlabel()


def test_the_diamond_is_told_of_only_where_a_baseline_is_drawn() -> None:
    network, baseline = entry("gru", accuracy=0.5), replace(entry("ridge", accuracy=0.5), kind="baseline")
    assert scores([network], ACCURACY).get_xlabel() == ""
    assert scores([network, baseline], ACCURACY).get_xlabel() == "grey diamond: baseline"


@pytest.mark.parametrize(
    ("column", "values", "scale"),
    [
        (ERROR, (0.02, 1.2), "log"),
        (ERROR, (0.2, 1.2), "linear"),
        (ERROR, (0.0, 1.2), "linear"),
        (ERROR, (), "linear"),
        (Column("mse", "R2", "higher", ".2f"), (0.02, 1.2), "linear"),
    ],
)
def test_errors_of_more_than_a_decade_are_drawn_by_decades(
    column: Column, values: tuple[float, ...], scale: str
) -> None:
    entries = [entry("none"), *(entry(f"run_{value}", mse=value) for value in values)]
    assert scores(entries, column).get_xscale() == scale


def test_decades_are_told_in_full_and_scores_as_in_the_table() -> None:
    values = (0.0012, 12.0)
    axes = scores([entry(f"run_{value}", mse=value) for value in values], ERROR._replace(form=".2f"))
    assert [text.get_text() for text in axes.texts] == ["0.00", "12.00"]
    assert axes.xaxis.get_major_formatter()(0.001) == "0.001"


@pytest.mark.parametrize("losses", [(0.7, 1.9), (20.0, 75.0), (0.011, 0.109), (0.001, 1000.0)])
def test_every_panel_of_losses_tells_its_scale(losses: tuple[float, float]) -> None:
    entries = [entry("gru", *losses)]
    axes = figures.blank(3, 2.4).subplots()
    panels.draw_curves(axes, entries, "loss", panels.looks(entries))
    low, high = axes.get_ylim()
    assert sum(low <= tick <= high for tick in axes.get_yticks()) >= 2


@pytest.mark.parametrize(
    ("count", "height", "shape"),
    [
        (1, 2.4, (1, 1)),
        (3, 2.4, (1, 3)),
        (5, 2.4, (2, 3)),
        (3, 12.0, (3, 1)),
        (2, 5.0, (2, 1)),
        (0, 2.4, (1, 1)),
    ],
)
def test_few_panels_share_the_width_many_are_wrapped_and_tall_ones_stacked(
    count: int, height: float, shape: tuple[int, int]
) -> None:
    assert overview.grid(count, height) == shape


def test_beside_many_scores_two_panels_share_the_height() -> None:
    curves = [Point(1, "val", measure, 0.5) for measure in ("loss", "accuracy")]
    group = [replace(entry(f"run_{i}", accuracy=0.5), curves=curves) for i in range(16)]
    (row,) = overview.draw([("on digits", group, ACCURACY)]).subfigs
    upper, lower = (axes.get_position() for axes in row.subfigs[1].axes)
    assert (upper.x0, upper.x1) == (lower.x0, lower.x1) and lower.y1 < upper.y0


def test_a_group_without_networks_has_scores_alone() -> None:
    alone = replace(entry("ridge", accuracy=0.5), kind="baseline")
    (row,) = overview.draw([("on digits", [alone], ACCURACY)]).subfigs
    assert [len(part.axes) for part in row.subfigs] == [1, 0]
