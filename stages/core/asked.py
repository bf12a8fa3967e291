"""What a task asks of the run that it judges: the constant `ASKS` of its file names one of these."""

from collections.abc import Callable
from typing import NamedTuple

from stages.core.errors import UserError
from stages.core.spec import Spec


class Asked(NamedTuple):
    """The function that a run needs, what that does, and the fact of the data that an answer is shaped as."""

    function: str
    does: str
    shape: str = ""


ASKED = {
    "outputs": Asked("forward", "answer to examples", "outputs"),
    "inputs": Asked("forward", "give examples back", "shape"),
    "samples": Asked("sample", "draw examples"),
    "guesses": Asked("guess", "guess what is hidden"),
}


def check(asks: str, can: Callable[[str], bool], *, task: str, at: str) -> None:
    """Hold a run that `can` do some things against what its task asks.

    Args:
        at: where the run stands in params.yaml.

    Raises:
        UserError: it cannot do that.
    """
    asked = ASKED[asks]
    if not can(asked.function):
        got = f"got {task!r}, which asks it to {asked.does}"
        raise UserError(f"{at}.task must be one that the run can answer, {got}")


def check_shape(asks: str, answer: tuple[int, ...], spec: Spec, *, task: str, at: str) -> None:
    """Hold the shape of an answer to one example against what the task of a run asks.

    Raises:
        UserError: it is another.
    """
    wanted = getattr(spec, ASKED[asks].shape)
    if answer != wanted:
        rule = f"must be one for answers of shape {answer}, as the run gives them"
        raise UserError(f"{at}.task {rule}, got {task!r}, which asks for {wanted}")
