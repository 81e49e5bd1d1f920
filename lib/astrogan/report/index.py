"""What a run's `figures/index.json` and `tables/index.json` say of an item: `MADE`, or the reason why it is missing."""

MADE = "made"
