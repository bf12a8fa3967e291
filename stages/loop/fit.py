"""fit(): the one loop, from the first epoch or the last checkpoint to the weights that are kept."""

import time
from collections.abc import Iterable, Mapping

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from stages.core import splits
from stages.core.errors import UserError
from stages.core.fitting import MONITORS, Fit
from stages.core.spec import Images, Labelled, Spec, Vectors
from stages.loop import epoch, features, groups, optimizers, snapshots
from stages.loop.history import History, loss_name
from stages.loop.job import Job
from stages.loop.progress import Progress
from stages.loop.state import State
from stages.modelling.contracts import Objective


def fit(model: nn.Module, objective: Objective, job: Job) -> History:
    """Train `model` in place and leave in it the weights of the epoch that `keep` chooses.

    Raises:
        UserError: a setting does not fit the network or the data; a loss is not finite.
    """
    check(model, objective, job.settings, job.spec, left=job.left, at=f"models.{job.run}")
    model, job = features.once(model, objective, job)
    settings = job.settings
    state = State(model, objective, settings)
    state.resume(job.checkpoint)
    history = state.history
    progress = Progress(job.run, epochs=settings.epochs, batches=job.batches, done=len(history))
    while not history.is_over(settings):
        start = time.perf_counter()
        if settings.keep == "best":  # the last epoch needs no copy: it is what the model holds
            state.keep()
        epoch.train(state, objective, job, progress)
        epoch.validate(state, objective, job)
        if snapshots.is_due(len(history), settings.epochs):
            history.show(snapshots.take(model, seed=job.seed))
        if history.best(settings) == len(history) - 1:
            state.forget()
        state.save(job.checkpoint)
        history.seconds.append(time.perf_counter() - start)
        progress.epoch(history.train[-1], history.val[-1])
    progress.end()
    if state.kept:
        model.load_state_dict(state.kept)
    return history


def check(
    model: nn.Module,
    objective: Objective,
    settings: Fit,
    spec: Spec | Vectors,
    *,
    left: Mapping[str, str],
    at: str,
) -> None:
    """Hold the settings of a run against what only the network, the objective and the data know.

    Args:
        left: as `job.Job` has it.
        at: where the run stands in params.yaml.

    Raises:
        UserError: one of them does not fit.
    """
    parts, within = _parts(model, objective, at=at), f"{at}.fit"
    optimizers.check(parts, settings, at=within)
    groups.check(model, parts, settings, left=left, at=within)
    _check_watched(parts, objective, settings, at=within)
    examples = spec.size("train")
    normalises = any(isinstance(layer, _BatchNorm) for layer in model.modules())
    if normalises and examples // splits.parts(examples, settings.batch_size) == 1:
        rule = "must leave no batch with one example for batch norm"
        raise UserError(f"{within}.batch_size {rule}, got {settings.batch_size}")
    _check_data(settings, spec, at=within)


def _parts(model: nn.Module, objective: Objective, *, at: str) -> dict[str, nn.Module]:
    """The parts of the network, if it is one for the objective."""
    try:
        return objective.parts(model)
    except ValueError as error:
        raise UserError(f"{at}: {error}") from error


def _check_watched(parts: Iterable[str], objective: Objective, settings: Fit, *, at: str) -> None:
    """Hold what is monitored against what there is to monitor."""
    told = [loss_name(part) for part in parts] + list(objective.measures)
    watched = [name for name in told if name in MONITORS]
    if not settings.is_watching or settings.monitor in watched:
        return
    if watched:
        raise UserError(f"{at}.monitor must be one of {', '.join(watched)}, got {settings.monitor!r}")
    raise UserError(
        f"{at}.keep must be last, patience 0 and schedule not plateau where no loss says which epoch is best "
        f"(there are parts {', '.join(parts)}), "
        f"got {settings.keep}, {settings.patience} and {settings.schedule}"
    )


def _check_data(settings: Fit, spec: Spec | Vectors, *, at: str) -> None:
    """Hold the settings against the kind of data."""
    kind, augment = type(spec).__name__.lower(), settings.augment
    if settings.sampler == "balanced" and not isinstance(spec, Labelled):
        raise UserError(f"{at}.sampler must be shuffled for {kind}, which has no classes, got 'balanced'")
    if augment.active and not isinstance(spec, Images):
        raise UserError(f"{at}.augment must be off for {kind}, got {', '.join(augment.active)}")
    if augment.shift and augment.shift >= min(spec.shape[1:]):
        size = min(spec.shape[1:])
        raise UserError(f"{at}.augment.shift must be less than the image ({size}), got {augment.shift}")
