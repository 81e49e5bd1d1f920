"""Two sources whose own sites are gone, as the entries of ESA/Hubble and NASA that credit them.

The paper took about 150 images from heritage.stsci.edu, which now leads elsewhere, and scraped the gallery of hubblesite.org
for about 1,000 (section 3.1). STScI released hubblesite's press images together with ESA/Hubble, and NASA holds them too.
"""

from collections.abc import Iterator

from pydantic import Field

from astrogan.archives.client import Client
from astrogan.archives.manifest import ManifestRow
from astrogan.archives.sources.esa_hubble import ESA_HUBBLE, EsaHubbleQuery
from astrogan.archives.sources.interface import Source
from astrogan.archives.sources.nasa_images import NASA_IMAGES, NasaQuery
from astrogan.base import Config

CREDITED = "hubble heritage"


class HeritageQuery(Config):
    """The two services that are listed."""

    esahubble: str = Field(EsaHubbleQuery().url, description="address of ESA/Hubble's feed; empty: left out")
    nasa: str = Field(NasaQuery().url, description="root of the NASA Images API; empty: left out")
    q: str = Field("Hubble Heritage", description="search terms of the NASA Images API")
    size: str = Field(EsaHubbleQuery().size, description="ResourceType of ESA/Hubble to fetch")


class HubblesiteQuery(HeritageQuery):
    """The two services that are listed."""

    q: str = Field("Hubble Space Telescope", description="search terms of the NASA Images API")


def heritage_rows(client: Client, query: HeritageQuery) -> Iterator[ManifestRow]:
    """Rows with "Hubble Heritage" in their credit or title."""
    for row in _both(client, query, center=""):
        if CREDITED in f"{row.credit} {row.title}".lower():
            yield row.model_copy(update={"source": HERITAGE.name})


def hubblesite_rows(client: Client, query: HubblesiteQuery) -> Iterator[ManifestRow]:
    """Rows with STScI in their credit, without those of the Heritage project, which the paper counts apart."""
    for row in _both(client, query, center="GSFC"):
        credit = row.credit.lower()
        if "stsci" in credit and CREDITED not in credit:
            yield row.model_copy(update={"source": HUBBLESITE.name})


def _both(client: Client, query: HeritageQuery, center: str) -> Iterator[ManifestRow]:
    if query.esahubble:
        yield from ESA_HUBBLE.rows(client, EsaHubbleQuery(url=query.esahubble, size=query.size))
    if query.nasa:
        yield from NASA_IMAGES.rows(client, NasaQuery(url=query.nasa, q=query.q, center=center))


HERITAGE = Source(
    name="heritage",
    about="the Hubble Heritage project: ESA/Hubble's and NASA's entries credited to it",
    acknowledgement="NASA, ESA, and the Hubble Heritage Team (STScI/AURA).",
    query=HeritageQuery,
    rows=heritage_rows,
    hosts=ESA_HUBBLE.hosts | NASA_IMAGES.hosts,
)
HUBBLESITE = Source(
    name="hubblesite",
    about="in place of hubblesite.org's gallery: ESA/Hubble's and NASA's entries credited to STScI",
    acknowledgement="NASA, ESA, and STScI, with the credit line of each image.",
    query=HubblesiteQuery,
    rows=hubblesite_rows,
    hosts=HERITAGE.hosts,
)
