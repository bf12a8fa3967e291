"""The one way in: `python -m stages.<stage> [name]`."""

import atexit
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

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
    _leave()


def _leave() -> None:
    """End here: to take apart what was imported, object by object, takes up to a tenth of a second.

    What is asked for at the end of a process is done first; a profiler or a debugger goes on after the stage.
    """
    if sys.getprofile() or sys.gettrace():
        return
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
