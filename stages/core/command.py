"""The one way in: `python -m stages.<stage> [name]`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import stages
from stages.core.errors import UserError


class Done(NamedTuple):
    """What a stage achieved, in a few words, and the file or folder that holds it."""

    said: str
    where: Path


def run(main: Callable[..., Done], *, takes: str = "") -> None:
    """Call `main` with the name from the command line; one line says what it achieved, or what is mistaken.

    Args:
        takes: what the one argument names ("run", "dataset"); empty where the stage takes none.
    """
    names = sys.argv[1:]
    if len(names) != bool(takes):
        wanted = f"one argument, the name of a {takes}" if takes else "no arguments"
        sys.exit(f"error: this stage takes {wanted}, got {' '.join(names) or 'none'}")
    try:
        done = main(*names)
    except UserError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")
    stage = "@".join([Path(sys.argv[0]).stem, *names])  # as DVC calls it
    print(f"{stage}: {done.said} -> {done.where}", flush=True)
    stages.end_well()
