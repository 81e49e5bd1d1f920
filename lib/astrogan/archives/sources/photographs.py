"""Data sets with a published archive: COCO's sample of fastai, as the tutorial behind the paper, and DIV2K.

They are one file each, so the list is fixed and carries the publisher's size and checksum. COCO_SAMPLE: fastai's own
check, the size and the MD5 of the first MiB. DIV2K: the MD5 sums that its users pass on; the publisher's page has none.
"""

from collections.abc import Iterator

from pydantic import Field

from astrogan.archives.client import Client
from astrogan.archives.manifest import ManifestRow, checked_row
from astrogan.base import Config

_DIV2K = "https://data.vision.ee.ethz.ch/cvl/DIV2K"


class PublishedQuery(Config):
    """Where the archives are fetched from."""

    mirror: str = Field("", description="address of a folder with the same files; empty: the publisher's")


class _Published:
    query = PublishedQuery
    hosts: frozenset[str] = frozenset()
    name: str
    files: tuple[tuple[str, int | None, str], ...]
    credit: str
    licence: str

    def rows(self, client: Client, query: PublishedQuery) -> Iterator[ManifestRow]:
        """A row an archive; nothing is asked of any server."""
        for url, size, checksum in self.files:
            name = url.rsplit("/", 1)[-1]
            yield checked_row(
                {
                    "source": self.name,
                    "id": name,
                    "observation": name,
                    "title": name,
                    "url": f"{query.mirror.rstrip('/')}/{name}" if query.mirror else url,
                    "bytes": size,
                    "checksum": checksum,
                    "credit": self.credit,
                    "licence": self.licence,
                },
                self.name,
            )


class Coco(_Published):
    """COCO_SAMPLE: some 21,000 photographs of COCO 2017."""

    name = "coco"
    about = "COCO_SAMPLE of fastai: photographs for the first phases (3.2 GB)"
    acknowledgement = "Photographs from COCO (Lin et al. 2014), each under the terms of its owner on Flickr."
    files = (
        (
            "https://s3.amazonaws.com/fast-ai-coco/coco_sample.tgz",
            3_245_877_008,
            "md5-first-mib:006cd55d633d94b36ecaf661467830ec",
        ),
    )
    credit = "COCO (Lin et al. 2014) and its photographers"
    licence = "Flickr terms of each photograph; annotations CC BY 4.0"


class Div2k(_Published):
    """DIV2K: 800 training and 100 validation photographs of about 2K."""

    name = "div2k"
    about = "DIV2K: 900 photographs for super-resolution (4 GB)"
    acknowledgement = "Photographs from DIV2K (Agustsson and Timofte 2017), for academic research only."
    files = (
        (f"{_DIV2K}/DIV2K_train_HR.zip", 3_530_603_713, "md5:bdc2d9338d4e574fe81bf7d158758658"),
        (f"{_DIV2K}/DIV2K_valid_HR.zip", None, "md5:9fcdda83005c5e5997799b69f955ff88"),
    )
    credit = "DIV2K (Agustsson and Timofte 2017)"
    licence = "academic research only"
