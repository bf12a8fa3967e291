"""Jobs: stages that one DVC runs, as its start takes seconds; none waits for more than its stages do."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from graphlib import TopologicalSorter
from typing import NamedTuple, TypeAlias

# Each stage and those that it depends on, all of which stand before it.
Graph: TypeAlias = Mapping[str, frozenset[str]]


class Job(NamedTuple):
    """Stages that are run one after another."""

    stages: tuple[str, ...]

    @property
    def name(self) -> str:
        """What a reader knows it by."""
        return " ".join(self.stages) or "dvc repro"


# Whatever DVC itself finds to do.
REST = Job(())


def below(graph: Graph, some: Collection[str]) -> Graph:
    """The part of the graph with those stages and all that depend on them."""
    found: dict[str, frozenset[str]] = {}
    for stage, above in graph.items():
        if stage in some or above & found.keys():
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
