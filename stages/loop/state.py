"""What a run has come to: all that changes while it trains, and all that a checkpoint holds."""

from torch import Tensor, nn

from stages.core.fitting import Fit
from stages.loop import groups, optimizers
from stages.loop.checkpoint import Checkpoint
from stages.loop.history import History
from stages.modelling.contracts import Objective


class State:
    """A model, its parts with their optimizers, the history so far and the weights to keep."""

    def __init__(self, model: nn.Module, objective: Objective, settings: Fit) -> None:
        self.model = model
        self.parts = objective.parts(model)
        factors = groups.factors(model, settings.groups)
        self.optimizers = {
            name: optimizers.build(part, settings.of(name), factors) for name, part in self.parts.items()
        }
        self.history = History()
        self.kept: dict[str, Tensor] = {}  # of the best epoch, where the model has gone on from it

    def keep(self) -> None:
        """Remember the weights as they are, where no better ones are remembered: they are about to change."""
        self.kept = self.kept or {name: one.clone() for name, one in self.model.state_dict().items()}

    def forget(self) -> None:
        """No weights are better than those of the model."""
        self.kept = {}

    def save(self, checkpoint: Checkpoint) -> None:
        """Write everything."""
        checkpoint.save(
            {
                "model": self.model.state_dict(),
                "optimizers": {name: one.state_dict() for name, one in self.optimizers.items()},
                "history": self.history.state(),
                "kept": self.kept,
            }
        )

    def resume(self, checkpoint: Checkpoint) -> None:
        """Take everything back, if there is anything."""
        saved = checkpoint.load()
        if saved is None:
            return
        self.model.load_state_dict(saved["model"])
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(saved["optimizers"][name])
        self.history = History(**saved["history"])
        self.kept = saved["kept"]
