"""The one exception a user is meant to read."""


class AstroganError(Exception):
    """Something a user can mend. The message names the thing, what was expected, and what to do."""
