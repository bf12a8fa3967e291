"""What a block of params.yaml may hold: its keys, their types and their ranges."""

from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator

from stages.core import rooms
from stages.core.checking import Block, shown
from stages.core.fitting import Fit
from stages.core.ranges import Seed, Share

# What a data set depends on whose source needs no file of the user's: an empty file, as DVC wants some.
NOTHING = "data/nothing"

Task = Annotated[str, rooms.file_of("tasks")]


class Holdout(Block):
    """How a source's examples are split: stratified by class, a series by time."""

    seed: Seed
    # where the source brings no such split of its own
    val: Share
    test: Share

    @model_validator(mode="after")
    def _rules(self) -> Self:
        if self.val + self.test >= 1:
            raise ValueError(f"val must be less than 1 - test ({self.test}), got {self.val}")
        return self


class Fetched(Block):
    """What comes from elsewhere: from a file or folder of the user's own, or as its source fetches it."""

    path: str  # a file or folder, or NOTHING
    fetch: dict[str, Any]  # of the source's fetch

    @field_validator("fetch")
    @classmethod
    def _watched(cls, fetch: dict[str, Any]) -> dict[str, Any]:
        if "path" in fetch:
            got = shown(fetch["path"])
            raise ValueError(f"path must stand in the block itself, where DVC watches it, got {got}")
        return fetch

    @property
    def fetching(self) -> dict[str, Any]:
        """All that the source's fetch is given."""
        return self.fetch if self.path == NOTHING else self.fetch | {"path": self.path}


class Dataset(Fetched):
    """One data set: where its examples come from and what is made of them."""

    source: Annotated[str, rooms.file_of("datasets")]
    prepare: dict[str, Any] = Field(default_factory=dict)  # of the source's prepare
    encode: dict[str, Any] = Field(default_factory=dict)  # of the source's encode
    split: Holdout


class Pretrained(Fetched):
    """Weights that were trained elsewhere, for runs to start from."""

    source: Annotated[str, rooms.file_of("pretrained")]


class Run(Block):
    """One network: what is built, minimised and measured, on which data."""

    dataset: str
    architecture: Annotated[str, rooms.file_of("architectures")]
    objective: Annotated[str, rooms.file_of("objectives")]
    task: Task
    referee: str  # the run in whose features images are compared
    start: str
    hyper: dict[str, Any]  # of the architecture's build
    loss: dict[str, Any]  # of the objective's build
    measure: dict[str, Any]  # of the task's build
    fit: Fit

    @property
    def fitted(self) -> dict[str, Any]:
        """What of it decides how the network is fitted: all but how it is judged."""
        return self.model_dump(exclude={"task", "referee", "measure"})


class Baseline(Block):
    """One classical method on the same split, judged by the same task."""

    dataset: str
    method: Annotated[str, rooms.file_of("classical")]
    task: Task
    referee: str
    hyper: dict[str, Any]  # of the method's build
    measure: dict[str, Any]  # of the task's build
