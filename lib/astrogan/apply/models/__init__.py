"""Which models there are, what is known of them, and which one to take."""

from astrogan.apply.models.cards import Card, run_card
from astrogan.apply.models.catalogue import choose, defaults, find_cards, listing, seeds_of
from astrogan.apply.models.loaded import Model, open_model
from astrogan.apply.models.shipped import ship, shipped_card

__all__ = [
    "Card",
    "Model",
    "choose",
    "defaults",
    "find_cards",
    "listing",
    "open_model",
    "run_card",
    "seeds_of",
    "ship",
    "shipped_card",
]
