"""The sources by name."""

from typing import Any

import yaml

from astrogan.archives.sources.credited import Heritage, Hubblesite
from astrogan.archives.sources.esa_hubble import EsaHubble
from astrogan.archives.sources.hla import HubbleLegacyArchive
from astrogan.archives.sources.interface import Source
from astrogan.archives.sources.mast import Mast
from astrogan.archives.sources.nasa_images import NasaImages
from astrogan.archives.sources.photographs import Coco, Div2k
from astrogan.base import AstroganError, Config

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (EsaHubble(), NasaImages(), HubbleLegacyArchive(), Mast(), Heritage(), Hubblesite(), Coco(), Div2k())
}


def source(name: str) -> Source:
    """A source; `AstroganError` lists the known ones."""
    if name not in SOURCES:
        raise AstroganError(f"source '{name}' is unknown. Known are {', '.join(SOURCES)}.")
    return SOURCES[name]


def query(name: str, settings: list[str]) -> Config:
    """The query of source `name` with `NAME=VALUE` settings; `AstroganError` for one it does not have."""
    model = source(name).query
    values: dict[str, Any] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals:
            raise AstroganError(f"'{setting}': expected NAME=VALUE; names are {', '.join(model.model_fields)}.")
        kind = model.model_fields[key].annotation if key in model.model_fields else None
        values[key] = text if kind is str else yaml.safe_load(text)
    return model.checked(**values)
