"""Two sources whose own sites are gone, as the entries of ESA/Hubble and NASA that credit them.

The paper took about 150 images from heritage.stsci.edu, which now leads elsewhere, and scraped the gallery of hubblesite.org
for about 1,000 (section 3.1). STScI released hubblesite's press images together with ESA/Hubble, and NASA holds them too.
"""

from collections.abc import Iterator

from pydantic import Field

from astrogan.archives.client import Client
from astrogan.archives.manifest import ManifestRow
from astrogan.archives.sources.esa_hubble import EsaHubble, EsaHubbleQuery
from astrogan.archives.sources.nasa_images import NasaImages, NasaQuery
from astrogan.base import Config

HERITAGE = "hubble heritage"


class HeritageQuery(Config):
    """The two services that are listed."""

    esahubble: str = Field(EsaHubbleQuery().url, description="address of ESA/Hubble's feed; empty: left out")
    nasa: str = Field(NasaQuery().url, description="root of the NASA Images API; empty: left out")
    q: str = Field("Hubble Heritage", description="search terms of the NASA Images API")
    size: str = Field(EsaHubbleQuery().size, description="ResourceType of ESA/Hubble to fetch")


class HubblesiteQuery(HeritageQuery):
    """The two services that are listed."""

    q: str = Field("Hubble Space Telescope", description="search terms of the NASA Images API")


class _Credited:
    """Rows of ESA/Hubble and of the NASA Images API that are a source's by their credit, under its name."""

    name: str
    center: str
    hosts = EsaHubble.hosts | NasaImages.hosts

    def owns(self, row: ManifestRow) -> bool:
        raise NotImplementedError

    def rows(self, client: Client, query: HeritageQuery) -> Iterator[ManifestRow]:
        """The rows that the source owns, ESA/Hubble's first."""
        for row in self._both(client, query):
            if self.owns(row):
                yield row.model_copy(update={"source": self.name})

    def _both(self, client: Client, query: HeritageQuery) -> Iterator[ManifestRow]:
        if query.esahubble:
            yield from EsaHubble().rows(client, EsaHubbleQuery(url=query.esahubble, size=query.size))
        if query.nasa:
            yield from NasaImages().rows(client, NasaQuery(url=query.nasa, q=query.q, center=self.center))


class Heritage(_Credited):
    """Entries that credit the Hubble Heritage Team or Project."""

    name = "heritage"
    about = "the Hubble Heritage project: ESA/Hubble's and NASA's entries credited to it"
    acknowledgement = "NASA, ESA, and the Hubble Heritage Team (STScI/AURA)."
    query = HeritageQuery
    center = ""

    def owns(self, row: ManifestRow) -> bool:
        """Whether "Hubble Heritage" stands in the credit or the title."""
        return HERITAGE in f"{row.credit} {row.title}".lower()


class Hubblesite(_Credited):
    """Entries that credit STScI, without those of the Heritage project, which the paper counts apart."""

    name = "hubblesite"
    about = "in place of hubblesite.org's gallery: ESA/Hubble's and NASA's entries credited to STScI"
    acknowledgement = "NASA, ESA, and STScI, with the credit line of each image."
    query = HubblesiteQuery
    center = "GSFC"

    def owns(self, row: ManifestRow) -> bool:
        """Whether the credit names STScI and not the Heritage project."""
        return "stsci" in row.credit.lower() and HERITAGE not in row.credit.lower()
