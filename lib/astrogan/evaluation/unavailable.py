"""What a metric says when it cannot be computed here: the reason stands in the table instead of a number."""

from astrogan.base import AstroganError


class Unavailable(AstroganError):
    """A metric or interval that these images, or the weights at hand, do not allow; the message is the reason."""
