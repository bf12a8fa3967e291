"""The one way in: `python -m stages.<stage> [name]`."""

import sys
from collections.abc import Callable

from stages.core.errors import UserError


def run(main: Callable[..., None], *, takes: str = "") -> None:
    """Call `main` with the name from the command line and exit; mistakes cost one line, not a traceback.

    Args:
        takes: what the one argument names ("run", "dataset"); empty where the stage takes none.
    """
    names = sys.argv[1:]
    if len(names) != bool(takes):
        wanted = f"one argument, the name of a {takes}" if takes else "no arguments"
        sys.exit(f"error: this stage takes {wanted}, got {' '.join(names) or 'none'}")
    try:
        main(*names)
    except UserError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")
