"""The only reader of params.yaml: every key, type, range and name is checked before any work."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, StringConstraints, model_validator

from stages.core import rooms, yaml12
from stages.core.checking import Block, check, nearest
from stages.core.errors import UserError
from stages.core.ranges import Count, Fraction, NonNegative, Positive, Share, Size

FILE = Path("params.yaml")
SCRATCH = "scratch"

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class Augment(Block):
    """How training images vary; every zero or false is off."""

    flip: bool
    shift: Size  # pixels
    rotate: Annotated[float, Field(ge=0, le=180)]  # degrees
    jitter: Fraction  # of brightness, contrast and saturation


class Fit(Block):
    """How a network is fitted."""

    epochs: Count
    batch_size: Count
    optimizer: Literal["sgd", "adam", "adamw", "rmsprop"]
    learning_rate: Positive
    momentum: Fraction  # sgd, rmsprop
    nesterov: bool  # sgd
    weight_decay: NonNegative
    l1: NonNegative
    l2: NonNegative
    clip_norm: NonNegative  # 0: off
    schedule: Literal["constant", "step", "cosine", "one_cycle", "plateau"]
    warmup_epochs: Size
    decay_factor: Share  # step, plateau
    decay_epochs: Count  # step: how often; plateau: how long without improvement
    monitor: Literal["loss", "accuracy"]
    keep: Literal["best", "last"]
    patience: Size  # epochs; 0: train them all
    sampler: Literal["shuffled", "balanced"]
    precision: Literal["fp32", "bf16"]
    augment: Augment

    @model_validator(mode="after")
    def _rules(self) -> Self:
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov needs a momentum > 0; got momentum 0")
        if self.warmup_epochs >= self.epochs:
            raise ValueError(f"warmup_epochs must be < epochs; got {self.warmup_epochs} of {self.epochs}")
        return self


class Holdout(Block):
    """How a source's examples are split, stratified by class."""

    seed: Size
    val: Share
    test: Share  # where the source brings no test split of its own

    @model_validator(mode="after")
    def _rules(self) -> Self:
        if self.val + self.test >= 1:
            raise ValueError(f"val + test must be < 1; got {self.val} + {self.test}")
        return self


class Dataset(Block):
    """One data set: a source and what is its own in `split`."""

    source: str
    split: Holdout


class Run(Block):
    """One network: what is built, minimised and measured, on which data."""

    dataset: str
    architecture: str
    objective: str
    task: str
    start: str
    hyper: dict[str, Any]  # of the architecture's build
    loss: dict[str, Any]  # of the objective's build
    fit: Fit


class Baseline(Block):
    """One classical method on the same split, judged by the same task."""

    dataset: str
    method: str
    task: str
    hyper: dict[str, Any]  # of the method's build


class Params(Block):
    """All of params.yaml, the shared blocks merged into those that refine them."""

    seed: Size
    threads: Count
    device: Literal["auto", "cpu", "cuda", "mps"]
    split: Holdout
    fit: Fit
    datasets: dict[Name, Dataset]
    models: dict[Name, Run]
    baselines: dict[Name, Baseline]

    @property
    def judged(self) -> dict[str, Run | Baseline]:
        """Whatever stands in the comparison, in the order of the file."""
        return {**self.models, **self.baselines}


def load(file: Path = FILE) -> Params:
    """The params of the project.

    Raises:
        UserError: for each broken rule a line with its path, the rule and the value.
    """
    try:
        content = yaml12.load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{file} is missing: stages run from the project's root") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{file} is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise UserError(f"{file} must be a mapping of blocks; got {content!r}")
    params = check(Params, _merged(content))
    _check_names(params)
    return params


def pick(blocks: Mapping[str, Any], name: str, *, kind: str) -> Any:
    """The block called `name`.

    Raises:
        UserError: there is none; the message says which there are.
    """
    if name not in blocks:
        raise UserError(f"{kind}.{name} is not in {FILE}; {nearest(name, blocks)}")
    return blocks[name]


def _merged(content: dict[str, Any]) -> dict[str, Any]:
    """`content` with the shared `fit` and `split` under each block's own; not with YAML anchors,
    which `dvc exp run -S` does not follow."""
    merged = dict(content)
    for blocks, shared in (("models", "fit"), ("datasets", "split")):
        if isinstance(content.get(blocks), dict):
            merged[blocks] = {
                name: {**block, shared: _over(content.get(shared), block.get(shared, {}))}
                if isinstance(block, dict)
                else block
                for name, block in content[blocks].items()
            }
    return merged


def _over(shared: Any, own: Any) -> Any:
    if not (isinstance(shared, dict) and isinstance(own, dict)):
        return own
    return shared | {key: _over(shared.get(key), value) for key, value in own.items()}


def _check_names(params: Params) -> None:
    """Every name in a block must be a file of its room or a block of the file."""
    for name, dataset in params.datasets.items():
        rooms.check("datasets", dataset.source, at=f"datasets.{name}.source")
    for name, run in params.models.items():
        at = f"models.{name}"
        rooms.check("architectures", run.architecture, at=f"{at}.architecture")
        rooms.check("objectives", run.objective, at=f"{at}.objective")
        starts = {SCRATCH, *params.models} - {name}
        if run.start not in starts:
            raise UserError(
                f"{at}.start must be {SCRATCH} or another run; got {run.start!r}; "
                f"{nearest(run.start, starts)}"
            )
    for name, baseline in params.baselines.items():
        rooms.check("classical", baseline.method, at=f"baselines.{name}.method")
        if name in params.models:
            raise UserError(f"baselines.{name} has the name of a run in models: names are shared")
    for name, block in params.judged.items():
        at = f"{'models' if name in params.models else 'baselines'}.{name}"
        rooms.check("tasks", block.task, at=f"{at}.task")
        if block.dataset not in params.datasets:
            raise UserError(
                f"{at}.dataset {block.dataset!r} is not a block of datasets; "
                f"{nearest(block.dataset, params.datasets)}"
            )
    if SCRATCH in params.judged:
        raise UserError(f"models.{SCRATCH}: the name {SCRATCH!r} is taken by the empty start")
