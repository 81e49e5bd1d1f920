"""What stands in for hubblesite.org, whose gallery the paper scraped for about 1,000 images and which is gone.

Its press images were released by STScI together with ESA/Hubble, and NASA holds them too. So it is represented by the
entries of ESA/Hubble's feed and of the NASA Images API (Goddard Space Flight Center) whose credit names STScI, without
those of the Heritage project, which the paper counts apart.
"""

from collections.abc import Iterator

from astrogan.archives.client import Client
from astrogan.archives.heritage import CREDITED, BothQuery, Heritage, both
from astrogan.archives.manifest import Row


class HubblesiteQuery(BothQuery):
    """The two services that are listed."""

    q: str = "Hubble Space Telescope"


class Hubblesite:
    """Entries that credit STScI."""

    name = "hubblesite"
    about = "in place of hubblesite.org's gallery: ESA/Hubble's and NASA's entries credited to STScI"
    acknowledgement = "NASA, ESA, and STScI, with the credit line of each image."
    query = HubblesiteQuery
    hosts = Heritage.hosts

    def rows(self, client: Client, query: HubblesiteQuery) -> Iterator[Row]:
        """Rows with STScI in their credit, Heritage's left out."""
        for row in both(client, query, center="GSFC"):
            credit = row.credit.lower()
            if "stsci" in credit and CREDITED not in credit:
                yield row.model_copy(update={"source": self.name})
