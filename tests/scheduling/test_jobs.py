"""Jobs: every stage in one, as few as may be, none waiting for more than it has to."""

import random
from graphlib import TopologicalSorter

import pytest

from stages.scheduling import jobs
from stages.scheduling.jobs import Graph, Job


def graph(**above: str) -> Graph:
    """Stages, `_at_` in their names for `@`, and those that they depend on."""
    return {name.replace("_at_", "@"): frozenset(names.split()) for name, names in above.items()}


def drawn(seed: int) -> Graph:
    """Any graph of stages of few blocks, some names of two kinds of blocks among them."""
    generator = random.Random(seed)
    names = [f"{kind}@{block}" for kind in ("cut", "train", "judge", "export") for block in "abcd"]
    generator.shuffle(names)
    return {
        name: frozenset(generator.sample(names[:place], min(place, generator.choice([0, 1, 1, 2]))))
        for place, name in enumerate(names)
    }


RUNS = graph(
    cut_at_digits="",
    train_at_cnn="cut@digits",
    export_at_cnn="train@cnn",
    train_at_gan="cut@digits",
    judge_at_gan="train@gan export@cnn",
    export_at_gan="train@gan",
    table="export@cnn judge@gan export@gan",
)


def test_stages_of_a_block_share_a_job_unless_some_wait_for_more_than_others() -> None:
    digits, cnn, gan = (
        Job(("cut@digits",)),
        Job(("train@cnn", "export@cnn")),
        Job(("train@gan", "export@gan")),
    )
    judged, table = Job(("judge@gan",)), Job(("table",))
    assert jobs.group(RUNS) == {
        digits: set(),
        cnn: {digits},
        gan: {digits},
        judged: {gan, cnn},
        table: {cnn, gan, judged},
    }


@pytest.mark.parametrize("seed", range(50))
def test_each_stage_stands_in_one_job_behind_all_that_it_depends_on(seed: int) -> None:
    stages = drawn(seed)
    ordered = [*TopologicalSorter(jobs.group(stages)).static_order()]  # no job waits for itself in the end
    flat = [stage for job in ordered for stage in job.stages]
    assert sorted(flat) == sorted(stages)
    assert all(flat.index(above) < flat.index(stage) for stage in stages for above in stages[stage])


def test_a_data_set_and_a_run_of_one_name_do_not_wait_for_each_other() -> None:
    found = jobs.group(graph(cut_at_x="", train_at_y="cut@x", train_at_x="cut@x train@y"))
    assert [job.stages for job in found] == [("cut@x",), ("train@y",), ("train@x",)]


def test_what_is_due_is_what_is_stale_and_all_below_it() -> None:
    due = jobs.below(RUNS, {"export@cnn"})
    assert due == graph(export_at_cnn="", judge_at_gan="export@cnn", table="export@cnn judge@gan")
    assert jobs.below(RUNS, set()) == {}


def test_a_job_counts_the_stages_of_the_longest_way_from_it_to_the_end() -> None:
    found = jobs.ahead(jobs.group(RUNS))
    assert {job.stages[0]: count for job, count in found.items()} == {
        "cut@digits": 5,
        "train@cnn": 4,
        "train@gan": 4,
        "judge@gan": 2,
        "table": 1,
    }


@pytest.mark.parametrize("below", [("short", "long"), ("long", "short")])
def test_of_several_ways_the_longest_counts_whichever_stands_first(below: tuple[str, str]) -> None:
    found = jobs.ahead(jobs.group(graph(begin="", **dict.fromkeys(below, "begin"), end="long")))
    assert {job.name: count for job, count in found.items()} == {"begin": 3, "long": 2, "short": 1, "end": 1}
