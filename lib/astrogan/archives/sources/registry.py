"""The sources by name."""

from astrogan.archives.config import with_settings
from astrogan.archives.sources.credited import HERITAGE, HUBBLESITE
from astrogan.archives.sources.esa_hubble import ESA_HUBBLE
from astrogan.archives.sources.hla import HUBBLE_LEGACY_ARCHIVE
from astrogan.archives.sources.interface import Source
from astrogan.archives.sources.mast import MAST
from astrogan.archives.sources.nasa_images import NASA_IMAGES
from astrogan.archives.sources.photographs import COCO, DIV2K
from astrogan.base import AstroganError, Config

_ALL = (ESA_HUBBLE, NASA_IMAGES, HUBBLE_LEGACY_ARCHIVE, MAST, HERITAGE, HUBBLESITE, COCO, DIV2K)
SOURCES: dict[str, Source] = {source.name: source for source in _ALL}


def source(name: str) -> Source:
    """A source; `AstroganError` lists the known ones."""
    if name not in SOURCES:
        raise AstroganError(f"source '{name}' is unknown. Known are {', '.join(SOURCES)}.")
    return SOURCES[name]


def query(name: str, settings: list[str]) -> Config:
    """The query of source `name` with `NAME=VALUE` settings; `AstroganError` for one it does not have."""
    return with_settings(source(name).query, settings)
