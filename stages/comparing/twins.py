"""The same network from scratch: what a run that starts elsewhere is held against."""

from typing import Any

from stages.core import choices, rooms
from stages.core.blocks import Run
from stages.core.params import SCRATCH, Params
from stages.modelling import origins


def find(params: Params) -> dict[str, str | None]:
    """For each run the first from scratch that differs from it in how it starts and is fitted alone.

    A default that is spelt out is none the less a default.
    """
    built = {name: _built(name, run) for name, run in params.models.items()}
    plain = [name for name, run in params.models.items() if run.start == SCRATCH]
    return {
        name: next((other for other in plain if other != name and built[other] == own), None)
        for name, own in built.items()
    }


def _built(name: str, run: Run) -> list[Any]:
    """All that decides what is built and minimised."""
    loss = choices.load("objectives", run.objective).build
    return [
        run.dataset,
        run.task,
        run.architecture,
        origins.said(run, at=f"models.{name}"),
        run.objective,
        rooms.check_arguments(loss, run.loss, at=f"models.{name}.loss"),
    ]
