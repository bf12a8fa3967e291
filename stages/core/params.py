"""The only reader of params.yaml: every key, type, range and name is checked before any work."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, ValidationInfo, field_validator, model_validator

from stages.core import names, yaml12
from stages.core.blocks import Baseline, Dataset, Holdout, Pretrained, Run
from stages.core.checking import Block, check, lines, nearest, path_to, shown
from stages.core.errors import UserError
from stages.core.fitting import Fit
from stages.core.names import Name
from stages.core.ranges import Seed

FILE = Path("params.yaml")
SCRATCH = "scratch"

Item = TypeVar("Item")


class Params(Block):
    """All of params.yaml, the shared blocks merged into those that refine them."""

    seed: Seed
    # More than any machine has: far beyond it, starting them would end the process.
    threads: Annotated[int, Field(ge=1, le=1024)]
    device: Literal["auto", "cpu", "cuda", "mps"]
    # What is shared stands before what refines it: pydantic goes in this order.
    split: Holdout
    fit: Fit
    datasets: dict[Name, Dataset]
    pretrained: dict[Name, Pretrained]
    models: dict[Name, Run]
    baselines: dict[Name, Baseline]

    @property
    def judged(self) -> dict[str, Run | Baseline]:
        """Whatever stands in the comparison, in the order of the file."""
        return {**self.models, **self.baselines}

    @field_validator("datasets", "models", mode="before")
    @classmethod
    def _inherit(cls, blocks: Any, info: ValidationInfo) -> Any:
        """The shared `split` or `fit` under each block's own.

        YAML anchors would do it too, but `dvc exp run -S` does not follow them.
        """
        key = "split" if info.field_name == "datasets" else "fit"
        if key not in info.data:  # broken, and told so once: not again for each block that inherits it
            return {}
        return _refine(blocks, key, info.data[key].model_dump())

    @model_validator(mode="after")
    def _rules(self) -> Self:
        broken = list(_misnamed(self))
        if broken:
            raise ValueError(lines(broken))
        return self


def load(file: Path = FILE) -> Params:
    """The params of the project.

    Raises:
        UserError: for each broken rule a line with its path, the rule and the value.
    """
    content = yaml12.load(file)
    if passed := list(names.passed_over(content)):
        raise UserError(lines(passed))
    return check(Params, content)


def pick(blocks: Mapping[str, Item], name: str, *, kind: str) -> Item:
    """The block called `name`.

    Raises:
        UserError: there is none; the message says which there are.
    """
    if name not in blocks:
        raise UserError(f"{path_to(kind, name)} is not in {FILE}; {nearest(name, blocks)}")
    return blocks[name]


def _refine(blocks: Any, key: str, shared: dict[str, Any]) -> Any:
    """`blocks`, each with `shared` under its own `key`; no mapping is left as it is, to be refused."""
    if not isinstance(blocks, dict):
        return blocks
    return {
        name: {**block, key: _over(shared, block.get(key, {}))} if isinstance(block, dict) else block
        for name, block in blocks.items()
    }


def _over(shared: Any, own: Any) -> Any:
    if not (isinstance(shared, dict) and isinstance(own, dict)):
        return own
    return shared | {key: _over(shared.get(key), value) for key, value in own.items()}


def _misnamed(params: Params) -> Iterator[str]:
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


def _strangers(at: str, name: str, block: Run | Baseline, params: Params) -> Iterator[str]:
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
