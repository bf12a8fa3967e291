"""The only reader of params.yaml: every key, type, range and name is checked before any work."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, ValidationInfo, field_validator, model_validator

from stages.core import headings, homes, names, references, yaml12
from stages.core.blocks import SCRATCH as SCRATCH
from stages.core.blocks import Baseline, Dataset, Holdout, Pretrained, Run
from stages.core.checking import Block, check, lines, nearest, path_to
from stages.core.errors import UserError
from stages.core.fitting import Fit
from stages.core.homes import Place
from stages.core.names import Name
from stages.core.ranges import Seed

FILE = Path("params.yaml")

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
        # DVC watches a data set as a whole, but the `fit` of a run by its path, which must then be there.
        return _refine(blocks, key, info.data[key].model_dump(), may_lack=key == "split")

    @model_validator(mode="after")
    def _rules(self) -> Self:
        if broken := list(references.broken(self)):
            raise ValueError(lines(broken))
        return self


def load(file: Path = FILE) -> Params:
    """The params of the project.

    Raises:
        UserError: for each broken rule a line with its path, the rule and the value.
    """
    content = yaml12.load(file)
    place = Place(Params, content)
    # Told alone: what else is wrong with the keys there would only follow from it.
    if told := [*names.reserved(place), *headings.strays(Params, content)]:
        raise UserError(lines(told))
    return check(Params, content, home=partial(homes.find, place))


def home(path: Sequence[str]) -> Sequence[str] | None:
    """Where in params.yaml the key belongs that the block before the end of `path` does not know."""
    if path[0] not in Params.model_fields or not FILE.is_file():
        return None  # it stands elsewhere
    return homes.find(Place(Params, yaml12.load(FILE)), path)


def pick(blocks: Mapping[str, Item], name: str, *, kind: str) -> Item:
    """The block called `name`.

    Raises:
        UserError: there is none; the message says which there are.
    """
    if name not in blocks:
        raise UserError(f"{path_to(kind, name)} is not in {FILE}; {nearest(name, blocks)}")
    return blocks[name]


def _refine(blocks: Any, key: str, shared: dict[str, Any], *, may_lack: bool) -> Any:
    """`blocks`, each with `shared` under its own `key`; what has none and must, or is no mapping, is left."""
    if not isinstance(blocks, dict):
        return blocks
    return {
        name: {**block, key: _over(shared, block.get(key, {}))}
        if isinstance(block, dict) and (key in block or may_lack)
        else block
        for name, block in blocks.items()
    }


def _over(shared: Any, own: Any) -> Any:
    if not (isinstance(shared, dict) and isinstance(own, dict)):
        return own
    return shared | {key: _over(shared.get(key), value) for key, value in own.items()}
