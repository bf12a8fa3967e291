"""A standard error that a person watches."""

import io


class Terminal(io.StringIO):
    """What was shown stands in its value."""

    def isatty(self) -> bool:
        """It is one."""
        return True
