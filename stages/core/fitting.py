"""How a network is fitted: the `fit` block of params.yaml, shared or a run's own."""

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, PlainValidator, model_validator
from pydantic_core import PydanticCustomError

from stages.core.checking import Block, path_to
from stages.core.ranges import Count, Fraction, NonNegative, Positive, Share, Size


def _frozen(value: Any) -> Any:
    if value != "always" and not (type(value) is int and 0 <= value < 2**31):
        raise PydanticCustomError("frozen", "must be a number of epochs or always")
    return value


Optimizer = Literal["sgd", "adam", "adamw", "rmsprop"]
Schedule = Literal["constant", "step", "cosine", "one_cycle", "plateau"]
# The settings that only some choices heed, and which: all others go on as if they were not there.
HEEDED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "optimizer": {"momentum": ("sgd", "rmsprop"), "nesterov": ("sgd",), "betas": ("adam", "adamw")},
    "schedule": {"decay_factor": ("step", "plateau"), "decay_epochs": ("step", "plateau")},
}
Monitor = Literal["loss", "accuracy"]
MONITORS = get_args(Monitor)
Decay = Annotated[float, Field(gt=0, le=1)]
Frozen = Annotated[int | Literal["always"], PlainValidator(_frozen)]
# Not strict: by the time that a run's own block is merged, it is no JSON any more, where a list is a tuple.
Betas = Annotated[tuple[Fraction, Fraction], Field(strict=False)]


class Augment(Block):
    """How training images vary; every zero or false is off."""

    flip: bool
    zoom: Fraction  # the most of a side that is cut off
    shift: Size  # pixels
    rotate: Annotated[float, Field(ge=0, le=180)]  # degrees
    jitter: Fraction  # of brightness, contrast and saturation

    @property
    def active(self) -> list[str]:
        """What is not off."""
        return [name for name, value in self if value]


class Part(Block):
    """How one part of a network is stepped; what is left out, or null, is as for all of it."""

    optimizer: Optimizer | None = None
    learning_rate: Positive | None = None
    momentum: Fraction | None = None
    nesterov: bool | None = None
    betas: Betas | None = None
    weight_decay: NonNegative | None = None


class Group(Block):
    """Parameters by their names, and how they learn otherwise than the rest."""

    parameters: str  # of their names in the network, in which * stands for anything
    rate: Positive = 1.0  # times the learning rate
    decay: Decay = 1.0  # times the rate, once for each block between a parameter and the last of the group
    frozen: Frozen = 0  # the first epochs, in which they stay as they are


class Fit(Block):
    """How a network is fitted."""

    epochs: Count
    batch_size: Count
    optimizer: Optimizer
    learning_rate: Positive
    momentum: Fraction
    nesterov: bool
    betas: Betas
    weight_decay: NonNegative
    l1: NonNegative
    l2: NonNegative
    clip_norm: NonNegative  # 0: off
    schedule: Schedule
    warmup_epochs: Size
    decay_factor: Share
    decay_epochs: Count  # step: how often; plateau: how long without improvement
    monitor: Monitor
    keep: Literal["best", "last"]
    patience: Size  # epochs; 0: train them all
    sampler: Literal["shuffled", "balanced"]
    precision: Literal["fp32", "bf16"]
    augment: Augment
    parts: dict[str, Part]  # by the names that the objective gives to what it steps apart
    groups: dict[str, Group]  # by names of the user's own

    @property
    def is_watching(self) -> bool:
        """Whether anything depends on what is monitored."""
        return self.keep == "best" or self.patience > 0 or self.schedule == "plateau"

    def of(self, part: str) -> Self:
        """The settings of one part: its own before those of all."""
        own = {key: value for key, value in self.parts.get(part, Part()) if value is not None}
        return self.model_copy(update=own)

    def idle(self, shared: Self) -> Iterator[str]:
        """What to say of settings that are not the `shared` ones and yet change nothing.

        They are no mistake: a sweep goes over optimizers and schedules, and what one heeds another does not.
        """
        apart = {name: self.of(name) for name in self.parts}
        yield from _idle((), self, shared, [self, *apart.values()])
        for name, settings in apart.items():
            yield from _idle(("parts", name), self.parts[name], shared.parts.get(name), [settings])
        for name, group in self.groups.items():
            common = shared.groups.get(name, Group(parameters=""))
            for key in ("rate", "decay") if group.frozen == "always" else ():
                if getattr(group, key) != getattr(common, key):
                    yield f"{path_to('groups', name, key)} is not heeded beside frozen always"

    @model_validator(mode="after")
    def _rules(self) -> Self:
        apart = {path_to("parts", name, "momentum"): self.of(name) for name in self.parts}
        for at, settings in {"momentum": self, **apart}.items():
            is_heeded = settings.optimizer in HEEDED["optimizer"]["nesterov"]
            if is_heeded and settings.nesterov and not settings.momentum:
                raise ValueError(f"{at} must be greater than 0 with nesterov, got 0")
        if self.warmup_epochs >= self.epochs:
            raise ValueError(
                f"warmup_epochs must be less than epochs ({self.epochs}), got {self.warmup_epochs}"
            )
        for name, group in self.groups.items():
            if group.frozen != "always" and group.frozen >= self.epochs:
                at = path_to("groups", name, "frozen")
                rule = f"must be less than epochs ({self.epochs}) or always"
                raise ValueError(f"{at} {rule}, got {group.frozen}")
        return self


def _idle(at: tuple[str, ...], own: Block, shared: Block | None, choosing: Collection[Fit]) -> Iterator[str]:
    """What to say of those of the whole, or of a part; `choosing` are all whose choices may heed them."""
    for choice, keys in HEEDED.items():
        chosen = {getattr(one, choice) for one in choosing}
        for key, heeding in keys.items():
            is_own = getattr(own, key, None) not in (None, getattr(shared, key, None))
            if is_own and chosen.isdisjoint(heeding):
                others = f"{choice} {' and '.join(sorted(chosen))}, but by {' and '.join(heeding)}"
                yield f"{path_to(*at, key)} is not heeded by {others}"
