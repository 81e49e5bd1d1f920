"""The Hubble Heritage project: its site is gone, its pictures are ESA/Hubble's and NASA's entries that credit it.

The paper took about 150 images from heritage.stsci.edu (section 3.1), which now leads elsewhere.
"""

from collections.abc import Iterator

from pydantic import Field

from astrogan.archives.client import Client
from astrogan.archives.d2d import D2dQuery, EsaHubble
from astrogan.archives.manifest import Row
from astrogan.archives.nasa_images import NasaImages, NasaQuery
from astrogan.base import Config

CREDITED = "hubble heritage"


class BothQuery(Config):
    """The two services that are listed."""

    esahubble: str = Field(D2dQuery().url, description="address of ESA/Hubble's feed; empty: left out")
    nasa: str = Field(NasaQuery().url, description="root of the NASA Images API; empty: left out")
    q: str = Field("Hubble Heritage", description="search terms of the NASA Images API")
    size: str = Field(D2dQuery().size, description="ResourceType of ESA/Hubble to fetch")


def both(client: Client, query: BothQuery, center: str) -> Iterator[Row]:
    """The rows of ESA/Hubble and of the NASA Images API, under their own names."""
    if query.esahubble:
        yield from EsaHubble().rows(client, D2dQuery(url=query.esahubble, size=query.size))
    if query.nasa:
        yield from NasaImages().rows(client, NasaQuery(url=query.nasa, q=query.q, center=center))


class Heritage:
    """Entries that credit the Hubble Heritage Team or Project."""

    name = "heritage"
    about = "the Hubble Heritage project: ESA/Hubble's and NASA's entries credited to it"
    acknowledgement = "NASA, ESA, and the Hubble Heritage Team (STScI/AURA)."
    query = BothQuery
    hosts = EsaHubble.hosts | NasaImages.hosts

    def rows(self, client: Client, query: BothQuery) -> Iterator[Row]:
        """Rows with "Hubble Heritage" in their credit or title."""
        for row in both(client, query, center=""):
            if CREDITED in f"{row.credit} {row.title}".lower():
                yield row.model_copy(update={"source": self.name})
