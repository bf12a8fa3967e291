"""What is said of the copy of a user's file or folder is said of the original, which its owner knows."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from stages.core.errors import UserError

# What stands in a line for the copy, and what is to stand there.
_names: ContextVar[tuple[str, str]] = ContextVar("names", default=("", ""))


@contextmanager
def as_given(folder: Path, path: str, *, at: str) -> Iterator[None]:
    """What is wrong with the copy in `folder` is told of what lies at `path`, and of its block in the params.

    Args:
        path: a file or folder of the user's, or an address.
        at: where the block stands.
    """
    names = _names.set((str(folder), path.rstrip("/")))
    try:
        yield
    except UserError as error:
        # It stands in the block itself, beside what else `fetch` is given.
        told = str(error).replace(*_names.get()).replace(f"{at}.fetch.path ", f"{at}.path ")
        raise UserError(told if told.startswith(at) else f"{at}: {told}") from error
    finally:
        _names.reset(names)


def say(line: str) -> None:
    """A line for the user of what was found there."""
    print(line.replace(*_names.get()), flush=True)
