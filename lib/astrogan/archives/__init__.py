"""Hubble's archives: listing, fetching, curation.

The manifest, which everything here reads and writes, comes with the package. `sources` lists archives, `catalogue`
fetches and checks what was listed and opens a source for curation, `curation` decides what is used. They need httpx, torch
or more, so that each is imported where it is used.
"""

from astrogan.archives.config import ArchivesStage
from astrogan.archives.manifest import CATALOGUE, MANIFEST, ManifestRow, checked_row, read_manifest, write_manifest

__all__ = ["CATALOGUE", "MANIFEST", "ArchivesStage", "ManifestRow", "checked_row", "read_manifest", "write_manifest"]
