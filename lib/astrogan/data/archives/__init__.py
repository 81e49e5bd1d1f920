"""Public archives: list entries -> catalogue -> fetched files -> curated manifest."""
