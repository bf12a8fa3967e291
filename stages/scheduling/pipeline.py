"""The pipeline as DVC has it: what `dvc repro` would run, in its order, and what of it is out of date."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from stages.core import files
from stages.core.errors import UserError
from stages.scheduling.jobs import Graph

if TYPE_CHECKING:
    from dvc.repo import Repo

LOCK = Path("dvc.lock")


class Pipeline(NamedTuple):
    """Stages by the names that DVC gives them, in the order in which it would run them."""

    graph: Graph
    stale: frozenset[str]
    locked: frozenset[str]  # those that dvc.lock knows


def read() -> Pipeline:
    """The pipeline as it is now.

    Raises:
        UserError: DVC cannot read it, or something is at work with it.
    """
    with _opened() as repo:
        from dvc.dvcfile import PROJECT_FILE
        from dvc.repo.reproduce import collect_stages, get_active_graph, plan_repro

        stale, active = repo.status(), get_active_graph(repo.index.graph)
        plan = plan_repro(active, collect_stages(repo, [PROJECT_FILE]))
        graph = {stage.addressing: frozenset(one.addressing for one in active[stage]) for stage in plan}
        return Pipeline(graph, frozenset(stale), frozenset(_locked()))


def tidy(pipeline: Pipeline) -> None:
    """Let stages that are new in dvc.lock stand there in the order of `dvc repro`, not of their ends.

    What was locked beside a failure stays in front of what is locked once that is mended; `dvc repro`, which
    stops at a failure, would have locked it later.
    """
    with _opened() as repo, repo.lock:
        from dvc.utils.serialize import dumps_yaml, parse_yaml_for_update

        unknown = _locked() - pipeline.locked
        new = [stage for stage in pipeline.graph if stage in unknown]
        if len(new) > 1:
            content = parse_yaml_for_update(LOCK.read_text(encoding="utf-8"), LOCK)
            for stage in new:
                content["stages"].move_to_end(stage)
            files.write_text(LOCK, dumps_yaml(content))


def _locked() -> set[str]:
    from dvc.utils.serialize import load_yaml

    return set(load_yaml(LOCK).get("stages", ())) if LOCK.exists() else set()


@contextmanager
def _opened() -> Iterator["Repo"]:
    try:
        from dvc.exceptions import DvcException
        from dvc.repo import Repo
    except ModuleNotFoundError as error:
        raise UserError(f"{error.name} is not installed: run `pip install -r requirements.txt`") from None
    try:
        with Repo() as repo:
            yield repo
    except DvcException as error:
        raise UserError(f"DVC says: {error}") from None
