"""Runs that start from weights trained elsewhere: built as their network was, on texts that it can read."""

from typing import Any

from stages.core import choices, paths, rooms
from stages.core.adopted import ENTRY, Origin
from stages.core.blocks import SCRATCH, Run
from stages.core.checking import lines, shown
from stages.core.errors import UserError
from stages.core.spec import Spec, Texts
from stages.modelling import weights


def hyper(origin: Origin | None, run: Run, spec: Spec, *, at: str) -> dict[str, Any]:
    """The `hyper` of a run, completed by the origin of its start, where that is of the same architecture.

    Args:
        at: where in params.yaml the run stands.

    Raises:
        UserError: the run is to be built otherwise, or its texts are numbered by another vocabulary.
    """
    if origin is None or origin.architecture != run.architecture:
        return run.hyper
    if isinstance(spec, Texts) and origin.vocabulary and origin.vocabulary != spec.vocabulary:
        known = f"{len(origin.vocabulary):,} pieces"
        raise UserError(
            f"{at}.dataset must be read by the tokenizer of {run.start!r}, which knows {known}: "
            f"got {spec.dataset!r}, of {len(spec.vocabulary):,} others; "
            f"set datasets.{spec.dataset}.encode.tokenizer to that of {run.start!r}"
        )
    unlike = [
        f"{at}.hyper.{key} must be {shown(theirs)} as in {run.start!r}, got {shown(run.hyper[key])}"
        for key, theirs in origin.hyper.items()
        if run.hyper.get(key, theirs) != theirs
    ]
    if unlike:
        raise UserError(lines(unlike))
    return origin.hyper | run.hyper


def said(run: Run, *, at: str) -> dict[str, Any]:
    """The `hyper` of a run with its defaults; as it stands where the start may bring what is missing.

    Raises:
        UserError: it is mistaken, and the run starts from scratch.
    """
    make = choices.load("architectures", run.architecture).build
    try:
        return rooms.check_arguments(make, run.hyper, at=f"{at}.hyper")
    except UserError:
        if run.start == SCRATCH:
            raise
        return run.hyper


def of(start: str) -> Origin | None:
    """What is known of the network that the weights of `start` come from, where they are from elsewhere."""
    from safetensors import safe_open

    path = paths.weights(start)
    if not path.exists():  # which is told where its tensors are read
        return None
    with safe_open(path, framework="pt") as file:
        said = file.metadata() or {}
    if ENTRY in said:
        return Origin.model_validate_json(said[ENTRY])
    return weights.card_of(said, start).origin if "card" in said else None
