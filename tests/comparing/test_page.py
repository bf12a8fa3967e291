"""The page: explained once, told in plain words."""

import pytest

from stages.comparing import page
from stages.comparing.comparison import Entry
from stages.judging.columns import Column
from tests.compared import ACCURACY, ERROR, entry, group, right

CHANCE = Column("chance", "chance accuracy", None, ".2%", "that of saying the same always")
TIMES = Column("times", "times", None, "#.4g", "how often")


def test_every_column_is_explained_once_for_each_task() -> None:
    first, second = (group(entry("a", accuracy=0.5), dataset=name) for name in ("x", "y"))
    other = group(entry("b", mse=0.5), column=ERROR, task="forecasting", about="Forecasting: what follows")
    text = page.write([first, second, other])
    assert text.count("- **accuracy ↑**: share of the right ones") == 1
    assert text.count("- **MSE ↓**: mean squared error") == 1
    assert text.count("- **validation accuracy ↑**: accuracy on the validation split") == 1
    assert "\n## forecasting\n\nForecasting: what follows. The columns:\n" in text
    assert [line for line in text.splitlines() if line.startswith("### ")] == [
        "### classification on x",
        "### classification on y",
        "### forecasting on digits",
    ]


def test_every_head_of_a_table_is_explained_above_it() -> None:
    text = page.write([group(entry("a", accuracy=0.5))])
    (head,) = (line for line in text.splitlines() if line.startswith("| run"))
    for title in head.strip("| ").split(" | ")[2:]:
        assert f"- **{title}**: " in text[: text.index(head)]


def test_what_is_chosen_is_marked_in_the_table_and_the_mark_is_explained() -> None:
    text = page.write(
        [
            group(
                entry("lucky", accuracy=0.9, val_accuracy=0.5),
                entry("sound", accuracy=0.8, val_accuracy=0.7),
                entry("base", kind="baseline", accuracy=0.6, val_accuracy=0.6),
            )
        ]
    )
    assert "✓ marks" in text.partition("## classification")[0]
    assert "| `lucky` | network | 50.00% | **90.00%** |" in text
    assert "| `sound` | network | ✓ 70.00% | 80.00% |" in text
    assert "| `base` | baseline | ✓ 60.00% | 60.00% |" in text


def cells(*found: Entry, column: Column = ACCURACY) -> list[str]:
    """The scores of a table, down its column."""
    rows = [line for line in page.write([group(*found, column=column)]).splitlines() if line[:3] == "| `"]
    return [row.split(" | ")[3] for row in rows]


def test_bold_is_the_best_where_another_is_seen_to_be_worse() -> None:
    best, other = entry("a", accuracy=0.9), entry("b", accuracy=0.8)
    assert cells(best, other) == ["**90.00%**", "80.00%"]
    assert cells(best) == ["90.00%"]
    assert cells(best, entry("none")) == ["90.00%", ""]
    barely = entry("barely", accuracy=0.900001)
    assert cells(best, barely) == ["90.00%", "90.00%"]
    assert cells(best, barely, other) == ["**90.00%**", "**90.00%**", "80.00%"]


def test_behind_a_score_stands_its_interval_where_it_has_one() -> None:
    """Those of Wilson, by the example of the page: 450 of 500."""
    assert cells(entry("a", **right(450, 500)), entry("b", accuracy=0.5)) == [
        "**90.00%** [87.06, 92.33]",
        "50.00%",
    ]
    assert "**90.00% [87.06, 92.33]** is the score that ranks and its 95 % interval, here of 500" in page.HEAD
    bounds = {"mse_low": 0.01, "mse_high": 0.03}
    assert cells(entry("a", mse=0.02, **bounds), column=ERROR) == ["0.0200 [0.0100, 0.0300]"]


def test_a_trivial_score_is_marked_behind_its_interval_and_the_mark_is_explained() -> None:
    column = ACCURACY._replace(trivial=(CHANCE,))
    runs = entry("good", chance=0.5, **right(90, 100)), entry("idle", chance=0.5, **right(50, 100))
    assert cells(*runs, column=column) == [
        "**90.00%** [82.56, 94.48]",
        "50.00% [40.38, 59.62] trivial",
    ]
    assert "- **trivial** marks a score that is not clearly better than" in page.HEAD


def test_bold_is_said_to_be_no_choice() -> None:
    assert "**bold**: to look at, not to choose by" in page.HEAD


def test_splits_are_told_in_plain_words_and_yardsticks_beside_them() -> None:
    column = ACCURACY._replace(trivial=(CHANCE,), floor=(TIMES,))
    text = page.write([group(entry("a", accuracy=0.5, chance=0.25, times=3.0), column=column)])
    assert (
        "\n60 examples to train on, 20 to choose by (validation), 30 to judge on (test); seed 0. "
        "For scale: chance accuracy 25.00%, times 3.000.\n"
    ) in text
    assert "- For scale, **chance accuracy**: that of saying the same always" in text


@pytest.mark.parametrize(
    ("val", "test", "told"),
    [
        (0.0, 0.0, ""),
        (0.0, 0.0004, " **Repeated**: 0.04 % of test stand in train too."),
        (0.0123, 1.0, " **Repeated**: 1.23 % of validation and 100 % of test stand in train too."),
    ],
)
def test_what_stands_in_train_too_is_said_above_the_table_and_explained(
    val: float, test: float, told: str
) -> None:
    shares = {"repeated.train": 0.5, "repeated.val": val, "repeated.test": test}
    text = page.write([group(entry("a", accuracy=0.5, **shares))])
    assert f"30 to judge on (test); seed 0.{told}\n\n| run |" in text
    assert "- **Repeated** are examples of validation or test that stand in train too" in page.HEAD


def test_runs_of_other_splits_or_seeds_are_told_apart() -> None:
    runs = entry("a", accuracy=0.5), entry("b", accuracy=0.6, seed=7.0), entry("c", accuracy=0.9)
    text = page.write([group(*runs)])
    assert "- `c`, `a`: 60 examples to train on" in text
    assert "(test); seed 7.\n" in text


def test_no_number_ends_in_a_bare_point() -> None:
    text = page.write([group(entry("a", accuracy=0.5, times=1234.0), columns=(ACCURACY, TIMES))])
    assert "| 1234 |" in text
