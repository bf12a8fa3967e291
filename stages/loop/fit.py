"""fit(): the one loop, from the first epoch or the last checkpoint to the weights that are kept."""

import time

from torch import nn

from stages.core.contracts import Objective
from stages.core.errors import UserError
from stages.loop import epoch
from stages.loop.history import History, loss_name
from stages.loop.job import Job
from stages.loop.progress import Progress
from stages.loop.state import State


def fit(model: nn.Module, objective: Objective, job: Job) -> History:
    """Train `model` in place and leave in it the weights of the epoch that `keep` chooses.

    Raises:
        UserError: nothing of the name to monitor is measured; a loss is not finite (names run, epoch, part).
    """
    settings = job.settings
    state = State(model, objective, settings)
    _check_monitor(state, objective, job)
    state.resume(job.checkpoint)
    history = state.history
    progress = Progress(job.run, epochs=settings.epochs, done=len(history))
    while not history.is_over(settings):
        start = time.perf_counter()
        epoch.train(state, objective, job, progress)
        epoch.validate(state, objective, job)
        if history.best(settings) == len(history) - 1:
            state.keep()
        state.save(job.checkpoint)
        job.seconds.append(time.perf_counter() - start)
        progress.epoch(history.train[-1], history.val[-1])
    if len(history) < settings.epochs:
        progress.stopped(history.best(settings))
    model.load_state_dict(state.kept)
    return history


def _check_monitor(state: State, objective: Objective, job: Job) -> None:
    watched = [loss_name(part) for part in state.parts] + list(objective.measures)
    if job.settings.is_watching and job.settings.monitor not in watched:
        raise UserError(
            f"models.{job.run}.fit.monitor must be one of {', '.join(watched)}; got {job.settings.monitor!r}"
        )
