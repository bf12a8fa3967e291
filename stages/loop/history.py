"""What happened in a run, epoch by epoch; what is decided from it is a function of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from torch import Tensor

from stages.core import files, paths
from stages.core.fitting import Fit
from stages.core.splits import Split
from stages.modelling.contracts import Turn


def loss_name(part: str) -> str:
    """What the loss of a part is called in curves: `loss` where the whole model is the part."""
    return "loss" if part == "model" else f"{part}_loss"


class Meter:
    """Means over an epoch: a batch weighs as many examples as it has, the turns of a part in it as one."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._examples = 0

    def add(self, turns: Sequence[Turn], examples: int) -> None:
        """Count one batch: its turns and how many examples it has."""
        self._examples += examples
        often = Counter(turn.part for turn in turns)
        for turn in turns:
            weight = examples / often[turn.part]
            for key, value in {loss_name(turn.part): turn.loss, **turn.measures}.items():
                weighted = value.detach().float() * weight  # sums in bf16 would stall
                self._sums[key] = self._sums[key] + weighted if key in self._sums else weighted

    def means(self) -> dict[str, float]:
        """Each loss and measure, in the order of the turns."""
        return {key: float(total) / self._examples for key, total in self._sums.items()}


@dataclass(slots=True)
class History:
    """Measures and gradient norms of every finished epoch."""

    train: list[dict[str, float]] = field(default_factory=list)
    val: list[dict[str, float]] = field(default_factory=list)
    rates: list[dict[str, float]] = field(default_factory=list)  # of each part
    gradients: list[dict[str, float]] = field(default_factory=list)
    snapshots: dict[int, Tensor] = field(default_factory=dict, compare=False)  # by epoch
    seconds: list[float] = field(default_factory=list, compare=False)  # of the epochs of this process

    def __len__(self) -> int:
        return len(self.val)

    def losses(self, settings: Fit) -> list[float]:
        """What is monitored on the validation split, lower is better; empty if nothing asks for it."""
        if not settings.is_watching:
            return []
        sign = 1 if settings.monitor == "loss" else -1
        return [sign * epoch[settings.monitor] for epoch in self.val]

    def best(self, settings: Fit) -> int:
        """The epoch, from 0, whose weights are kept."""
        losses = self.losses(settings)
        return losses.index(min(losses)) if settings.keep == "best" else len(self) - 1

    def is_over(self, settings: Fit) -> bool:
        """Whether all epochs are trained, or the last `patience` of them brought nothing better."""
        if len(self) >= settings.epochs:
            return True
        losses = self.losses(settings)
        return bool(settings.patience and losses) and (
            len(losses) - 1 - losses.index(min(losses)) >= settings.patience
        )

    def show(self, snapshot: Tensor | None) -> None:
        """Remember what the model generates after this epoch, if anything."""
        if snapshot is not None:
            self.snapshots[len(self)] = snapshot

    def state(self) -> dict[str, Any]:
        """What decides and is written of it, as plain lists."""
        return {name: values for name, values in asdict(self).items() if name != "seconds"}

    def told(self, settings: Fit) -> str:
        """How far it came, which epoch is kept, and what that measured on the validation split.

        And how long that took, where one process did it all: of epochs before a kill nothing is known.
        """
        kept = self.best(settings)
        measured = ", ".join(f"val {name} {value:.4f}" for name, value in self.val[kept].items())
        took = f" in {sum(self.seconds):.1f} s" if len(self.seconds) == len(self) else ""
        return f"{len(self)} of {settings.epochs} epochs{took}, epoch {kept + 1} kept: {measured}"

    def timing(self, train: Split) -> dict[str, float]:
        """Seconds an epoch takes, validation and checkpoint included; examples and tokens a second."""
        seconds = median(self.seconds)
        told = {"seconds_per_epoch": seconds, "samples_per_second": len(train) / seconds}
        return (
            told
            if train.lengths is None
            else told | {"tokens_per_second": int(train.lengths.sum()) / seconds}
        )

    def write_timing(self, run: str, train: Split) -> None:
        """Write it, unless all epochs were trained before a kill."""
        if self.seconds:
            files.write_json(paths.timing("train", run), self.timing(train))

    def write(self, run: str, settings: Fit) -> None:
        """Write the learning curves and the gradient norms, long form, and the snapshots."""
        files.write_tensors(
            paths.snapshots(run), {str(epoch): shown for epoch, shown in self.snapshots.items()}
        )
        kept = self.best(settings) + 1
        curves = [
            (epoch, split, measure, float(value), int(epoch == kept))
            for epoch, (train, val, rate) in enumerate(
                zip(self.train, self.val, self._rates(), strict=True), 1
            )
            for split, values in (("train", train | rate), ("val", val))
            for measure, value in values.items()
        ]
        files.write_csv(paths.curves(run), ("epoch", "split", "measure", "value", "kept"), curves)
        norms = [
            (epoch, layer, norm)
            for epoch, layers in enumerate(self.gradients, 1)
            for layer, norm in layers.items()
        ]
        files.write_csv(paths.gradients(run), ("epoch", "layer", "norm"), norms)

    def _rates(self) -> list[dict[str, float]]:
        """The learning rates of each epoch as curves call them: one where all parts have the same."""
        if all(len(set(rates.values())) == 1 for rates in self.rates):
            return [{"learning_rate": next(iter(rates.values()))} for rates in self.rates]
        return [{f"{part}_learning_rate": rate for part, rate in rates.items()} for rates in self.rates]
