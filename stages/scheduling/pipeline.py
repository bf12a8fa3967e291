"""The pipeline as DVC has it: what `dvc repro` would run, in its order, and what of it is out of date."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from stages.core import files
from stages.core.checking import shown
from stages.core.errors import UserError
from stages.scheduling.jobs import Graph

if TYPE_CHECKING:
    from dvc.repo import Repo

LOCK = Path("dvc.lock")
# All that it said before it was made light, if whoever did so came to no end.
_BEFORE = Path(".dvc/tmp/dvc.lock")


class Pipeline(NamedTuple):
    """Stages by the names that DVC gives them, in the order in which it would run them."""

    graph: Graph
    stale: frozenset[str]
    unmade: frozenset[str]  # those of which an output is missing here and in the cache
    locked: dict[str, Any]  # stage -> what dvc.lock says of it, also of those that are gone


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
        missing = (stage for stage in plan if not all(out.exists for out in stage.outs))
        unmade = frozenset(stage.addressing for stage in missing if not stage.outs_cached())
        return Pipeline(graph, frozenset(stale), unmade, _stages(_BEFORE) | _stages(LOCK))


def lighten(pipeline: Pipeline) -> None:
    """Take out of dvc.lock, until `tidy`, what it says of stages that are not made yet, and of those gone.

    At the end of each stage DVC reads and writes all of it, in Python: a second for a hundred stages. It has
    no use for this: with outputs nowhere to be found such a stage runs, whatever dvc.lock says of it.
    """
    with _opened(is_patient=True) as repo, repo.lock:
        content = _content(LOCK)
        said = content.get("stages", {})
        left = _in_order((stage for stage in pipeline.graph if stage not in pipeline.unmade), said)
        if len(left) < len(said):
            _write(_BEFORE, {"stages": pipeline.locked})
            _write(LOCK, content | {"stages": left})


def tidy(pipeline: Pipeline) -> None:
    """Let all stages stand in dvc.lock in the order of the graph, those that were not made as they stood."""
    with _opened(is_patient=True) as repo, repo.lock:
        content = _content(LOCK)
        said = content.get("stages", {})
        left = _in_order(pipeline.graph, pipeline.locked | said)
        if list(left) != list(said):
            _write(LOCK, content | {"stages": left})
        _BEFORE.unlink(missing_ok=True)


def _in_order(stages: Iterable[str], said: Mapping[str, Any]) -> dict[str, Any]:
    return {stage: said[stage] for stage in stages if stage in said}


def _write(lock: Path, content: Mapping[str, Any]) -> None:
    """Write dvc.lock, or what is to be one; without stages it has no heading for them.

    Into the braces of an empty one DVC would write all that follows.
    """
    from dvc.utils.serialize import dumps_yaml

    full = {"schema": "2.0"} | {key: value for key, value in content.items() if key != "stages" or value}
    files.write_text(lock, dumps_yaml(full))


def _stages(lock: Path) -> dict[str, Any]:
    stages: dict[str, Any] = _content(lock).get("stages", {})
    return stages


def _content(lock: Path) -> dict[str, Any]:
    from dvc.utils.serialize import load_yaml

    return load_yaml(lock) if lock.exists() else {}


@contextmanager
def _opened(*, is_patient: bool = False) -> Iterator["Repo"]:
    """DVC's view of the project; who is patient waits for whatever else is at work with it."""
    try:
        from dvc.exceptions import DvcException
        from dvc.repo import Repo
    except ModuleNotFoundError as error:
        raise UserError(f"{error.name} is not installed: run `pip install -r requirements.txt`") from None
    try:
        with Repo(_wait_for_lock=is_patient) as repo:
            yield repo
    except DvcException as error:
        raise UserError(f"DVC says: {error}") from None
    except UnicodeEncodeError as error:
        raise UserError(f"what DVC watches must be named in UTF-8, got {shown(error.object)}") from None
