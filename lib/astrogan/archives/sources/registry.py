"""The sources by name: `sources.yaml` says what each is; how each is listed stands here or in a module of its own.

Two sources' own sites are gone, so that they are the entries of ESA/Hubble and NASA that credit them. The paper took about
150 images from heritage.stsci.edu, which now leads elsewhere, and scraped the gallery of hubblesite.org for about 1,000
(section 3.1). STScI released hubblesite's press images together with ESA/Hubble, and NASA holds them too.

Photographs come in published archives of one file each: COCO's sample of fastai, as the tutorial behind the paper, and
DIV2K. Their list is fixed, with the publisher's size and checksum. COCO_SAMPLE: fastai's own check, the size and the MD5
of the first MiB. DIV2K: the MD5 sums that its users pass on; the publisher's page has none.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

from astrogan.archives.client import Client
from astrogan.archives.config import with_settings
from astrogan.archives.manifest import ManifestRow, checked_row
from astrogan.archives.sources import esa_hubble, hla, mast, nasa_images
from astrogan.base import AstroganError, Config

CREDITED = "hubble heritage"


@dataclass(frozen=True)
class Source:
    """A source by name: what it is, whose it is, and how it is listed."""

    name: str
    query: type[Config]
    """The parameters of a listing."""
    rows: Callable[[Client, Any], Iterator[ManifestRow]]
    """The rows of a query, as they come; `AstroganError` where the archive's answer is not of the documented form."""
    about: str
    acknowledgement: str
    hosts: Collection[str] = ()
    """Hosts that its files may be redirected to."""
    files: Collection[dict[str, Any]] = ()
    """Columns of the rows of a published archive."""


class HeritageQuery(Config):
    """The two services that are listed."""

    esahubble: str = Field(esa_hubble.EsaHubbleQuery().url, description="address of ESA/Hubble's feed; empty: left out")
    nasa: str = Field(nasa_images.NasaQuery().url, description="root of the NASA Images API; empty: left out")
    q: str = Field("Hubble Heritage", description="search terms of the NASA Images API")
    size: str = Field(esa_hubble.EsaHubbleQuery().size, description="ResourceType of ESA/Hubble to fetch")


class HubblesiteQuery(HeritageQuery):
    """The two services that are listed."""

    q: str = Field("Hubble Space Telescope", description="search terms of the NASA Images API")


class PhotographsQuery(Config):
    """Where the archives are fetched from."""

    mirror: str = Field("", description="address of a folder with the same files; empty: the publisher's")


def credited_rows(name: str, center: str, client: Client, query: HeritageQuery) -> Iterator[ManifestRow]:
    """Entries with "Hubble Heritage" in credit or title; of hubblesite, those of STScI, which the paper counts apart."""
    if query.esahubble:
        found = esa_hubble.rows(client, esa_hubble.EsaHubbleQuery(url=query.esahubble, size=query.size))
        yield from _credited(name, found)
    if query.nasa:
        found = nasa_images.rows(client, nasa_images.NasaQuery(url=query.nasa, q=query.q, center=center))
        yield from _credited(name, found)


def _credited(name: str, rows: Iterator[ManifestRow]) -> Iterator[ManifestRow]:
    for row in rows:
        credit = row.credit.lower()
        heritage = CREDITED in f"{credit} {row.title}".lower()
        if heritage if name == "heritage" else "stsci" in credit and CREDITED not in credit:
            yield row.model_copy(update={"source": name})


def photograph_rows(source: str, client: Client, query: PhotographsQuery) -> Iterator[ManifestRow]:
    """A row an archive; nothing is asked of any server."""
    for values in SOURCES[source].files:
        name = values["url"].rsplit("/", 1)[-1]
        url = f"{query.mirror.rstrip('/')}/{name}" if query.mirror else values["url"]
        named = {"source": source, "id": name, "observation": name, "title": name}
        yield checked_row(values | named | {"url": url}, source)


_LISTED: dict[str, tuple[type[Config], Callable[[Client, Any], Iterator[ManifestRow]]]] = {
    "esahubble": (esa_hubble.EsaHubbleQuery, esa_hubble.rows),
    "nasa-images": (nasa_images.NasaQuery, nasa_images.rows),
    "hla": (hla.HlaQuery, hla.rows),
    "mast": (mast.MastQuery, mast.rows),
    "heritage": (HeritageQuery, partial(credited_rows, "heritage", "")),
    "hubblesite": (HubblesiteQuery, partial(credited_rows, "hubblesite", "GSFC")),
    "coco": (PhotographsQuery, partial(photograph_rows, "coco")),
    "div2k": (PhotographsQuery, partial(photograph_rows, "div2k")),
}
SOURCES: dict[str, Source] = {
    name: Source(name, *_LISTED[name], **facts)
    for name, facts in yaml.safe_load(Path(__file__).with_name("sources.yaml").read_text()).items()
}


def source(name: str) -> Source:
    """A source; `AstroganError` lists the known ones."""
    if name not in SOURCES:
        raise AstroganError(f"source '{name}' is unknown. Known are {', '.join(SOURCES)}.")
    return SOURCES[name]


def query(name: str, settings: list[str]) -> Config:
    """The query of source `name` with `NAME=VALUE` settings; `AstroganError` for one it does not have."""
    return with_settings(source(name).query, settings)
