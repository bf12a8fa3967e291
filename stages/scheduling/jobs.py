"""Jobs: stages that one process runs, so few that DVC rarely starts, so small that none waits in vain."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from graphlib import TopologicalSorter
from typing import NamedTuple, TypeAlias

# Each stage and those that it depends on, all of which stand before it.
Graph: TypeAlias = Mapping[str, frozenset[str]]


class Job(NamedTuple):
    """Stages that are run one after another."""

    stages: tuple[str, ...]


def due(graph: Graph, stale: Collection[str]) -> Graph:
    """The part of the graph that is out of date, or may come to be as it depends on what is."""
    found: dict[str, frozenset[str]] = {}
    for stage, above in graph.items():
        if stage in stale or above & found.keys():
            found[stage] = above & found.keys()
    return found


def group(graph: Graph) -> dict[Job, set[Job]]:
    """The stages in jobs, and the jobs that each has to wait for.

    Stages share a job if they are of one block of params.yaml and wait for the same stages of others. So the
    training of a generator does not wait for the referee that judges it later. And no jobs wait for each
    other: where one waits for another's block, each of its stages does.
    """
    beyond: dict[str, frozenset[str]] = {}
    together: dict[tuple[str, frozenset[str]], list[str]] = defaultdict(list)
    for stage, above in graph.items():
        beyond[stage] = above.union(*(beyond[one] for one in above))
        others = frozenset(one for one in beyond[stage] if block(one) != block(stage))
        together[block(stage), others].append(stage)
    of = {stage: Job(tuple(stages)) for stages in together.values() for stage in stages}
    return {
        job: {of[above] for stage in job.stages for above in graph[stage]} - {job}
        for job in dict.fromkeys(of.values())
    }


def block(stage: str) -> str:
    """The name of the block that a stage belongs to; a stage that loops over none is one by itself."""
    return stage.partition("@")[2] or stage


def ahead(jobs: Mapping[Job, set[Job]]) -> dict[Job, int]:
    """How many stages the longest way to the end has, from each job on."""
    longest: dict[Job, int] = dict.fromkeys(jobs, 0)
    for job in reversed([*TopologicalSorter(jobs).static_order()]):
        longest[job] += len(job.stages)
        for above in jobs[job]:
            longest[above] = max(longest[above], longest[job])
    return longest


def chained(jobs: Mapping[Job, set[Job]]) -> bool:
    """Whether each job has to wait for another, so that no two are ever done at once."""
    order = TopologicalSorter(jobs)
    order.prepare()
    while ready := order.get_ready():
        if len(ready) > 1:
            return False
        order.done(*ready)
    return True
