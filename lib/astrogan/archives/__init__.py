"""Hubble's archives: listing, fetching, curation."""
