"""Masked language modelling (Devlin et al. 2018, arXiv 1810.04805): hidden words, told from those around."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from stages.core import masking
from stages.core.ranges import Share
from stages.core.spec import Texts
from stages.core.splits import Batch
from stages.modelling.contracts import Turn, needs
from stages.modelling.supervised import accuracy


@dataclass(frozen=True, slots=True)
class MaskedLanguage:
    """Cross-entropy of the words of `spec` that are hidden, a `share` of those of each text."""

    spec: Texts
    share: float
    measures: Collection[str] = ("accuracy",)

    def parts(self, model: nn.Module) -> dict[str, nn.Module]:
        needs(model, "guess", by="objective masked_language")
        return {"model": model}

    def losses(self, model: Any, batch: Batch) -> Iterator[Turn]:
        hidden = masking.draw(batch.x, self.spec, share=self.share)
        logits: Tensor = model.guess(masking.disguise(batch.x, hidden, self.spec), hidden).float()
        words = batch.x[hidden]
        watched = {"accuracy": accuracy(logits.detach(), words)}
        yield Turn("model", F.cross_entropy(logits, words), watched)


def build(spec: Texts, *, share: Share = 0.15) -> MaskedLanguage:
    """Cross-entropy of hidden words, in nats; labels are not seen.

    Reduction: mean over the hidden words of the batch.
    """
    return MaskedLanguage(spec, share)
