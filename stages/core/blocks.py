"""What a block of params.yaml may hold: its keys, their types and their ranges."""

from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from stages.core.checking import Block, shown
from stages.core.choices import ArgumentsOf, file_of
from stages.core.fitting import Fit
from stages.core.homes import NameIn
from stages.core.ranges import Seed, Share

# What a data set depends on whose source needs no file of the user's: an empty file, as DVC wants some.
NOTHING = "data/nothing"
# What a run starts from that starts from no weights.
SCRATCH = "scratch"

Named = Annotated[str, NameIn("datasets")]
Task = Annotated[str, file_of("tasks")]
Measure = Annotated[dict[str, Any], ArgumentsOf("tasks", "task")]


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
    fetch: dict[str, Any]  # the arguments of the source's fetch

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

    CALLED: ClassVar = "a data set"

    source: Annotated[str, file_of("datasets")]
    fetch: Annotated[dict[str, Any], ArgumentsOf("datasets", "source", "fetch")]
    prepare: Annotated[dict[str, Any], ArgumentsOf("datasets", "source", "prepare")] = Field(
        default_factory=dict
    )
    encode: Annotated[dict[str, Any], ArgumentsOf("datasets", "source", "encode")] = Field(
        default_factory=dict
    )
    split: Holdout


class Pretrained(Fetched):
    """Weights that were trained elsewhere, for runs to start from."""

    CALLED: ClassVar = "pretrained weights"

    source: Annotated[str, file_of("pretrained")]
    fetch: Annotated[dict[str, Any], ArgumentsOf("pretrained", "source", "fetch")]


class Run(Block):
    """One network: what is built, minimised and measured, on which data."""

    CALLED: ClassVar = "a run"

    dataset: Named
    architecture: Annotated[str, file_of("architectures")]
    objective: Annotated[str, file_of("objectives")]
    task: Task
    referee: str  # the run in whose features images are compared
    start: str
    hyper: Annotated[dict[str, Any], ArgumentsOf("architectures", "architecture")]
    loss: Annotated[dict[str, Any], ArgumentsOf("objectives", "objective")]
    measure: Measure
    fit: Fit

    @property
    def fitted(self) -> dict[str, Any]:
        """What of it decides how the network is fitted: all but how it is judged."""
        return self.model_dump(exclude={"task", "referee", "measure"})


class Baseline(Block):
    """One classical method on the same split, judged by the same task."""

    CALLED: ClassVar = "a baseline"

    dataset: Named
    method: Annotated[str, file_of("classical")]
    task: Task
    referee: str
    hyper: Annotated[dict[str, Any], ArgumentsOf("classical", "method")]
    measure: Measure
