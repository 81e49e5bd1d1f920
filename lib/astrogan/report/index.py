"""What a run's `figures/index.json` and `tables/index.json` say of an item: `MADE`, or the reason why it is missing."""

from astrogan.base import AstroganError

MADE = "made"


class NotInRunError(AstroganError):
    """An item cannot be made of this run; the message is the reason that a reader sees."""
