"""The pipeline as DVC has it: what `dvc repro` would run, in its order, and what of it is out of date."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

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
    unmade: frozenset[str]  # those of which an output is missing
    locked: Mapping[str, Any]  # what dvc.lock says of each


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
        unmade = frozenset(stage.addressing for stage in plan if not all(out.exists for out in stage.outs))
        return Pipeline(graph, frozenset(stale), unmade, _content().get("stages", {}))


def lighten(pipeline: Pipeline) -> None:
    """Take out of dvc.lock what it says of stages of which an output is missing, and of those that are gone.

    At the end of each stage DVC reads and writes all of it, in Python: a second for a hundred stages. And it
    has no use for this: such a stage is run, or taken out of the run cache, whatever dvc.lock says of it.
    """
    with _opened() as repo, repo.lock:
        _lock(stage for stage in pipeline.graph if stage not in pipeline.unmade)


def tidy(pipeline: Pipeline) -> None:
    """Let all stages stand in dvc.lock in the order of the graph, those that were not made as they stood."""
    with _opened() as repo, repo.lock:
        _lock(pipeline.graph, before=pipeline.locked)


def _lock(stages: Iterable[str], *, before: Mapping[str, Any] | None = None) -> None:
    """Keep in dvc.lock what it says of these stages, in their order, or what it said `before`."""
    from dvc.utils.serialize import dumps_yaml

    content = _content()
    now = content.get("stages", {})
    said = {**(before or {}), **now}
    left = {stage: said[stage] for stage in stages if stage in said}
    if not left:  # DVC would write the next ones into the braces of an empty mapping
        LOCK.unlink(missing_ok=True)
    elif list(left) != list(now):
        files.write_text(LOCK, dumps_yaml({"schema": "2.0", **content, "stages": left}))


def _content() -> dict[str, Any]:
    from dvc.utils.serialize import load_yaml

    return load_yaml(LOCK) if LOCK.exists() else {}


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
