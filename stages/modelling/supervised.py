"""Objectives that compare a network's outputs with targets, in one turn."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from torch import Tensor, nn

from stages.core.splits import Batch
from stages.modelling.contracts import Turn
from stages.modelling.shipping import Ships

Criterion = Callable[[Tensor, Tensor], Tensor]


def accuracy(logits: Tensor, labels: Tensor) -> Tensor:
    """Share of `labels` (B) that are the largest of `logits` (B, K)."""
    return (logits.argmax(dim=1) == labels).float().mean()


@dataclass(frozen=True, slots=True)
class Supervised:
    """`criterion(outputs, targets)`, a mean over the batch, with `measures` of the same form."""

    criterion: Criterion
    measures: Mapping[str, Criterion] = field(default_factory=dict)

    def parts(self, model: nn.Module) -> dict[str, nn.Module]:
        if isinstance(model, Ships):
            raise ValueError(
                "an objective with targets must be given an architecture that answers with such, "
                f"got {type(model).__name__}"
            )
        return {"model": model}

    def losses(self, model: nn.Module, batch: Batch) -> Iterator[Turn]:
        outputs = model(batch.x).float()  # losses in full precision, whatever the network ran in
        watched = {name: measure(outputs.detach(), batch.y) for name, measure in self.measures.items()}
        yield Turn("model", self.criterion(outputs, batch.y), watched)
