"""The picture of the comparison: scores that are its legend, and panels that fit."""

from dataclasses import replace

import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from stages.comparing import overview, panels
from stages.comparing.comparison import Entry, Point
from stages.judging import figures
from stages.judging.columns import Column
from tests.compared import ACCURACY, ERROR, entry, group, right


def scores(entries: list[Entry], column: Column) -> Axes:
    axes = figures.blank(3, 3).subplots()
    panels.draw_scores(axes, group(*entries, column=column), panels.looks(entries))
    return axes


def test_the_names_beside_the_scores_are_the_legend_of_the_curves() -> None:
    """A run without a score too has its colour beside its name."""
    entries = [entry("gru", losses=(1.0, 0.5)), entry("lstm", losses=(0.9, 0.4), accuracy=0.8)]
    (row,) = overview.draw([group(*entries)]).subfigs
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
    looks = panels.looks([*map(entry, names), entry("ridge", kind="baseline")])
    assert [looks[names[i]] for i in (0, 11, 12, -1)] == [
        (figures.HUES[0], "o"),
        (figures.HUES[-1], "o"),
        (figures.HUES[0], "s"),
        (figures.HUES[-1], "P"),
    ]
    assert len(set(looks.values())) == len(names) + 1
    assert looks["ridge"].color not in figures.HUES


def test_a_network_has_its_marker_at_its_score_and_at_the_epoch_that_is_kept() -> None:
    kept = [1, 2, 3] * 4 + [2]
    entries = [
        entry(f"run_{i}", losses=(1.0, 0.5, 0.7), kept=epoch, accuracy=1 - i / 20)
        for i, epoch in enumerate(kept)
    ]
    found = scores(entries, ACCURACY)
    dots = [line for line in found.lines if line.get_marker() not in ("", "None")]
    assert [line.get_marker() for line in dots] == ["o"] * 12 + ["s"]
    assert [float(line.get_xdata()[0]) for line in dots] == [1 - i / 20 for i in range(13)]
    axes = figures.blank(3, 3).subplots()
    panels.draw_curves(axes, entries, "loss", panels.looks(entries))
    assert [(line.get_marker(), line.get_markevery()) for line in axes.lines] == [
        (marker, [epoch - 1]) for marker, epoch in zip(["o"] * 12 + ["s"], kept, strict=True)
    ]
    assert "marked at the epoch whose weights are kept" in overview.KEY


def test_the_best_score_stands_on_top() -> None:
    axes = scores([entry("gru", mse=0.5), entry("lstm", mse=0.8)], ERROR)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["gru", "lstm"]
    best, worst = (axes.transData.transform((0, row))[1] for row in (0, 1))
    assert best > worst


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
    plain, known = entry("gru", accuracy=0.5), entry("lstm", **right(15, 30))
    assert "95 % interval" not in scores([plain], ACCURACY).get_xlabel()
    assert "95 % interval" in scores([plain, known], ACCURACY).get_xlabel()


def test_an_interval_is_drawn_from_bound_to_bound_and_never_beyond_a_perfect_score() -> None:
    (bar,) = scores([entry("gru", **right(30, 30))], ACCURACY).containers
    ((start, _), (end, _)) = bar.lines[2][0].get_segments()[0]
    assert (start, end) == pytest.approx((30 / (30 + 1.959964**2), 1.0))


def test_whom_validation_chose_is_marked_and_the_mark_explained_above_all() -> None:
    runs = [entry("gru", accuracy=0.5, val_accuracy=0.6), entry("lstm", accuracy=0.6, val_accuracy=0.5)]
    assert [label.get_text() for label in scores(runs, ACCURACY).get_yticklabels()] == ["lstm", "gru ✓"]
    figure = overview.draw([group(*runs)])
    assert "✓: the best network and the best baseline on validation" in figure.get_suptitle()


def test_what_is_written_above_all_fits_and_covers_nothing() -> None:
    figure = overview.draw([group(entry("a", accuracy=0.5))])
    figure.draw_without_rendering()
    (key,), (title,) = figure.texts, figure.subfigs[0].texts
    above, below = key.get_window_extent(), title.get_window_extent()
    assert 0 <= above.x0 < above.x1 <= figure.bbox.x1
    assert below.y1 < above.y0 < above.y1 <= figure.bbox.y1


def test_a_scale_by_decades_is_told_in_the_title() -> None:
    for losses, title in (((1.0, 0.5), "loss"), ((1.0, 0.01), "loss (log scale)")):
        axes = figures.blank(3, 2.4).subplots()
        runs = [entry("gru", losses=losses)]
        panels.draw_curves(axes, runs, "loss", panels.looks(runs))
        assert axes.get_title(loc="left") == title


@pytest.mark.parametrize(
    ("measure", "title"),
    [
        ("adversarial_discriminator_loss", "adversarial discriminator loss"),
        ("elbo_loss", "negative evidence lower bound"),
        ("kl", "KL divergence of latents"),
    ],
)
def test_a_title_spells_out_what_is_measured_and_fits_a_third_of_the_panels(measure: str, title: str) -> None:
    figure = figures.blank(overview._ACROSS, overview._DOWN)
    axes = figure.subplots(1, overview.COLUMNS)[0]
    panels.draw_curves(axes, [], measure, {})
    assert axes.get_title(loc="left") == title
    figure.draw_without_rendering()
    assert axes._left_title.get_window_extent().width <= axes.get_window_extent().width


def test_the_diamond_is_told_of_only_where_a_baseline_is_drawn() -> None:
    network, baseline = entry("gru", accuracy=0.5), entry("ridge", kind="baseline", accuracy=0.5)
    assert scores([network], ACCURACY).get_xlabel() == ""
    assert scores([network, baseline], ACCURACY).get_xlabel() == "grey diamond: baseline"


@pytest.mark.parametrize(
    ("column", "values", "scale"),
    [
        (ERROR, (0.02, 1.2), "log"),
        (ERROR, (0.2, 1.2), "linear"),
        (ERROR, (0.0, 1.2), "linear"),
        (ERROR, (), "linear"),
        (Column("mse", "R2", "higher", ".2f", "share foretold"), (0.02, 1.2), "linear"),
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


def test_no_score_ends_in_a_bare_point() -> None:
    axes = scores([entry("gan", mse=1234.0)], ERROR._replace(form="#.4g"))
    assert [text.get_text() for text in axes.texts] == ["1234"]
    assert axes.xaxis.get_major_formatter()(2000.0) == "2000"


@pytest.mark.parametrize("losses", [(0.7, 1.9), (20.0, 75.0), (0.02, 0.5), (0.011, 0.109), (0.001, 1000.0)])
def test_every_panel_of_losses_tells_its_scale(losses: tuple[float, float]) -> None:
    entries = [entry("gru", losses=losses)]
    axes = figures.blank(3, 2.4).subplots()
    panels.draw_curves(axes, entries, "loss", panels.looks(entries))
    low, high = axes.get_ylim()
    assert sum(low <= tick <= high for tick in axes.get_yticks()) >= 2


@pytest.mark.parametrize(
    ("count", "height", "shape"),
    [
        (1, 2.4, (1, 1)),
        (3, 2.4, (1, 3)),
        (3, 4.0, (1, 3)),
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
    curves = [Point(1, "val", measure, 0.5, 1) for measure in ("loss", "accuracy")]
    runs = [replace(entry(f"run_{i}", accuracy=0.5), curves=curves) for i in range(16)]
    (row,) = overview.draw([group(*runs)]).subfigs
    upper, lower = (axes.get_position() for axes in row.subfigs[1].axes)
    assert (upper.x0, upper.x1) == (lower.x0, lower.x1) and lower.y1 < upper.y0


def test_a_group_without_networks_has_scores_alone() -> None:
    alone = entry("ridge", kind="baseline", accuracy=0.5)
    (row,) = overview.draw([group(alone)]).subfigs
    assert [len(part.axes) for part in row.subfigs] == [1, 0]
