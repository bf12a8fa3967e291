"""What is wrong with the blocks of stages that are out of date, told of all at once before any of them runs.

Each stage tells of its own blocks when its turn comes. This is most of the same, earlier: what the functions
themselves take, where the text of their files does not say it, and where their data are up to date, how runs
and baselines fit them.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from stages.core import choices, rooms, spec
from stages.core.blocks import SCRATCH, Baseline, Dataset, Pretrained, Run
from stages.core.checking import lines
from stages.core.choices import ArgumentsOf
from stages.core.errors import UserError
from stages.core.params import Params
from stages.core.spec import Spec
from stages.scheduling.jobs import Graph

# The stages that read the blocks of each heading; the first of them waits for what the block itself needs.
READERS = {
    "datasets": ("download", "preprocess"),
    "pretrained": ("adopt",),
    "models": ("train", "evaluate", "export"),
    "baselines": ("baseline",),
}

Given = ParamSpec("Given")
Made = TypeVar("Made")


def check(params: Params, todo: Graph, graph: Graph) -> None:
    """Hold the blocks whose stages are `todo` in a `graph` against all that is known before they run.

    Raises:
        UserError: a line for each that is mistaken.
    """
    look = _Look()
    if any(f"train@{name}" in todo for name in params.models):
        look.device(params.device)
    for heading, stages in READERS.items():
        for name, block in getattr(params, heading).items():
            if any(f"{stage}@{name}" in todo for stage in stages):
                at, first = f"{heading}.{name}", f"{stages[0]}@{name}"
                look.block(block, at, is_ready=not todo.get(first), is_made=bool(graph.get(first)))
    if look.told:
        raise UserError(lines(look.told))


class _Look:
    """A look at blocks, one by one; what is mistaken is `told`."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def device(self, name: str) -> None:
        """Look for the device that networks are to be trained on."""
        from stages.modelling import machine

        self._try(machine.choose, name)

    def block(
        self, block: Dataset | Pretrained | Run | Baseline, at: str, *, is_ready: bool, is_made: bool
    ) -> None:
        """Look at the block that stands `at` a path of params.yaml.

        Args:
            is_ready: nothing that it names is out of date.
            is_made: a stage makes what it depends on.
        """
        match block:
            case Dataset() | Pretrained():
                self._fetched(block, at, is_made=is_made)
            case Run() if is_ready:
                self._run(block, at)
            case Baseline() if is_ready:
                self._arguments(block, self._try(spec.read, block.dataset), at)
            case Run():
                from stages.modelling import origins

                self._try(origins.said, block, at=at)
                self._arguments(block, None, at, besides=("hyper",))
            case _:
                self._arguments(block, None, at)

    def _fetched(self, block: Dataset | Pretrained, at: str, *, is_made: bool) -> None:
        from stages.sourcing import own

        self._arguments(block.model_copy(update={"fetch": block.fetching}), None, at)
        fetch = choices.arguments(type(block))["fetch"].taken_by(block.source)
        if fetch and not is_made:  # else it need not be there yet
            self._try(own.check_path, fetch, block, at=at)

    def _run(self, run: Run, at: str) -> None:
        """What `train` would refuse before its first epoch, but weights to start from that do not fit."""
        from stages import loop
        from stages.modelling import answering, origins, starting

        facts, origin = self._try(spec.read, run.dataset), self._try(origins.of, run.start)
        hyper = facts and self._try(origins.hyper, origin, run, facts, at=at)
        if not facts or hyper is None:
            return
        built = self._arguments(run.model_copy(update={"hyper": hyper}), facts, at)
        model, objective = built["architectures"], built["objectives"]
        if model:
            self._try(answering.check, model, facts, run.task, at=at)
        if model and objective:
            left = starting.drawn(model) if run.start == SCRATCH else {}
            self._try(loop.check, model, objective, run.fit, facts, left=left, at=at)

    def _arguments(
        self, block: Any, facts: Spec | None, at: str, *, besides: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """What is built of a block's choices, by their rooms, where facts are known; no key of `besides`."""
        made: dict[str, Any] = {}
        for key, one in choices.arguments(type(block)).items():
            if key in besides:
                continue
            name, given = getattr(block, one.choice), getattr(block, key)
            made[one.room] = self._try(_made, one, name, given, facts, at=f"{at}.{key}")
        return made

    def _try(self, make: Callable[Given, Made], *given: Given.args, **named: Given.kwargs) -> Made | None:
        try:
            return make(*given, **named)
        except UserError as error:
            self.told.append(str(error))
        except Exception:  # of a file of the user's, or where numbers are asked for: the stage comes to it
            return None
        return None


def _made(arguments: ArgumentsOf, name: str, given: Any, facts: Spec | None, *, at: str) -> Any:
    """What a choice builds for the facts; where none are known, its arguments are held against it alone."""
    make = arguments.taken_by(name)
    checked = rooms.check_arguments(make, given, at=at) if make else {}
    if not make or facts is None:
        return None
    import torch

    try:
        with torch.device("meta"):  # of which numbers take neither time nor memory
            return make(facts, **checked)
    except ValueError as error:
        raise UserError(f"{at}.{error}") from error
