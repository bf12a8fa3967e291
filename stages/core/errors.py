"""The one exception a user may see."""


class UserError(Exception):
    """Something the user can mend, told in a sentence: the thing, the rule and the value.

    `core.command` prints it without a traceback; every other exception is a bug of ours.
    """
