"""What only other blocks of params.yaml, or other keys of a block, show to be wrong."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stages.core import chosen, homes, outlines
from stages.core.blocks import SCRATCH, Baseline, Run
from stages.core.checking import nearest, shown
from stages.core.homes import Place

if TYPE_CHECKING:
    from stages.core.params import Params

JUDGES = "must be a classifier's run for task"  # of a referee


def broken(params: "Params") -> Iterator[str]:
    """What is wrong with the names that the blocks have, with what they choose, and with what they set."""

    def home(path: Sequence[str]) -> Sequence[str] | None:
        return homes.find(Place(type(params), params.model_dump()), path)

    yield from _clashes(params)
    for heading in ("datasets", "pretrained", "models", "baselines"):
        for name, block in getattr(params, heading).items():
            at = f"{heading}.{name}"
            held: outlines.Kinds = ()
            if isinstance(block, Run | Baseline):
                strangers = list(_strangers(at, name, block, params))
                yield from strangers
                held = () if strangers else outlines.gives(params.datasets[block.dataset].source)
            yield from chosen.broken(block, held, at=at, home=home)
    for name, run in params.models.items():
        if run.fit.sampler == run.loss.get("class_weights") == "balanced":
            rule = "must be none beside fit.sampler balanced, as both would overdo it"
            yield f"models.{name}.loss.class_weights {rule}, got 'balanced'"
    yield from _rings({name: run for name, run in params.models.items() if name != SCRATCH})


def _clashes(params: "Params") -> Iterator[str]:
    """Blocks that would write the same files."""
    taken = {SCRATCH: f"{SCRATCH} is the start without weights"}
    for kind in ("models", "baselines", "pretrained"):
        for name in getattr(params, kind):
            if name in taken:
                yield f"{kind}.{name} must be named otherwise: {taken[name]}"
            taken.setdefault(name, f"{kind}.{name} has the same files")


def _strangers(at: str, name: str, block: Run | Baseline, params: "Params") -> Iterator[str]:
    """The names in a block that nothing in the file has."""
    if block.dataset not in params.datasets:
        yield f"{at}.dataset {_unknown('a block of datasets', block.dataset, params.datasets)}"
    runs = {SCRATCH} | (params.models.keys() - {name})
    if block.referee not in runs:
        yield f"{at}.referee {_unknown(f'{SCRATCH} or another run', block.referee, runs)}"
    elif _asks(block) == "samples" and not _may_judge(block.referee, params):
        yield f"{at}.referee {JUDGES} {block.task}, got {shown(block.referee)}"
    starts = runs | params.pretrained.keys()
    if isinstance(block, Run) and block.start not in starts | {name}:  # a ring, told by itself
        wanted = f"{SCRATCH}, another run or weights of pretrained"
        yield f"{at}.start {_unknown(wanted, block.start, starts)}"


def _may_judge(name: str, params: "Params") -> bool:
    """Whether it is a run that is there for its answers, as a classifier is; it may where none knows."""
    return name in params.models and _asks(params.models[name]) in ("outputs", None)


def _asks(block: Run | Baseline) -> Any:
    """What the task of a block asks of it, as `core.asked` calls it; None where its file does not say."""
    return outlines.constant("tasks", block.task, "ASKS")


def _rings(runs: Mapping[str, Run]) -> Iterator[str]:
    """Runs that start from each other, all around."""
    told: set[str] = set()
    for first in runs:
        way = [first]
        while (start := runs[way[-1]].start) in runs.keys() - way:
            way.append(start)
        if start == first and first not in told:
            told.update(way)
            yield f"models.{first}.start must not lead back to itself, got {' <- '.join((*way, first))}"


def _unknown(wanted: str, name: str, known: Iterable[str]) -> str:
    return f"must be {wanted}, got {shown(name)}; {nearest(name, known)}"
