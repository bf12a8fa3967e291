"""The names that blocks of params.yaml have, and those that they call each other by."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from stages.core.blocks import Baseline, Run
from stages.core.checking import nearest, shown

if TYPE_CHECKING:
    from stages.core.params import Params

SCRATCH = "scratch"


def broken(params: "Params") -> Iterator[str]:
    """What is wrong with the names that the blocks of the file have and call each other by."""
    taken = {SCRATCH: f"{SCRATCH} is the start without weights"}
    for kind in ("models", "baselines", "pretrained"):
        for name in getattr(params, kind):
            if name in taken:
                yield f"{kind}.{name} must be named otherwise: {taken[name]}"
            taken.setdefault(name, f"{kind}.{name} has the same files")
    for kind, blocks in (("models", params.models), ("baselines", params.baselines)):
        for name, block in blocks.items():
            yield from _strangers(f"{kind}.{name}", name, block, params)


def _strangers(at: str, name: str, block: Run | Baseline, params: "Params") -> Iterator[str]:
    """The names in a block that nothing in the file has."""
    if block.dataset not in params.datasets:
        yield f"{at}.dataset {_unknown('a block of datasets', block.dataset, params.datasets)}"
    runs = {SCRATCH} | (params.models.keys() - {name})
    if block.referee not in runs:
        yield f"{at}.referee {_unknown(f'{SCRATCH} or another run', block.referee, runs)}"
    starts = runs | params.pretrained.keys()
    if isinstance(block, Run) and block.start not in starts:
        wanted = f"{SCRATCH}, another run or weights of pretrained"
        yield f"{at}.start {_unknown(wanted, block.start, starts)}"


def _unknown(wanted: str, name: str, known: Iterable[str]) -> str:
    return f"must be {wanted}, got {shown(name)}; {nearest(name, known)}"
