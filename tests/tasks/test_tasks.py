"""What every task says of what it asks, and of how its runs compare."""

from types import ModuleType

import pytest

from stages.core import asked, choices, outlines
from tests.compared import declared

TASKS = {
    file.stem: choices.load("tasks", file.stem)
    for file in sorted((choices.STAGES / "tasks").glob("[!_]*.py"))
}


@pytest.mark.parametrize("name", TASKS)
def test_what_a_task_asks_stands_written_out_in_its_file(name: str) -> None:
    assert outlines.constant("tasks", name, "ASKS") == TASKS[name].ASKS
    assert TASKS[name].ASKS in asked.ASKED


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_every_column_is_explained_in_a_line(task: ModuleType) -> None:
    for column in declared(task):
        assert len(column.meaning) > 10, column.metric
        assert "\n" not in column.meaning and not column.meaning.endswith(".")


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_no_two_columns_are_called_alike(task: ModuleType) -> None:
    titles = [column.title for column in declared(task)]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_what_ranks_and_what_chooses_have_a_better_and_what_chooses_is_of_validation(
    task: ModuleType,
) -> None:
    assert task.COLUMNS[0].better and task.CHOICE.better
    assert task.CHOICE.metric.startswith("val_")


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_what_takes_no_learning_stands_above_the_tables_as_the_score_is_written(task: ModuleType) -> None:
    for column in task.COLUMNS:
        assert set(column.trivial) <= set(task.COLUMNS[0].trivial)
        assert all(one.form == column.form for one in column.trivial)


@pytest.mark.parametrize("name", TASKS)
def test_the_first_sentence_of_a_task_says_what_it_is(name: str) -> None:
    first = " ".join((TASKS[name].__doc__ or "").split()).partition(". ")[0]
    assert first.lower().startswith(f"{name.replace('_', ' ')}: ")
