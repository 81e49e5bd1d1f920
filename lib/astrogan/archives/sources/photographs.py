"""Photographs with a published archive: COCO's sample of fastai, as the tutorial behind the paper, and DIV2K.

They are one file each, so the list is fixed and carries the publisher's size and checksum. COCO_SAMPLE: fastai's own
check, the size and the MD5 of the first MiB. DIV2K: the MD5 sums that its users pass on; the publisher's page has none.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

from astrogan.archives.client import Client
from astrogan.archives.manifest import ManifestRow, checked_row
from astrogan.archives.sources.interface import Source
from astrogan.base import Config

FILES: dict[str, list[dict[str, Any]]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text())
"""Name of the source to the columns of its rows, from `photographs.yaml`."""


class PhotographsQuery(Config):
    """Where the archives are fetched from."""

    mirror: str = Field("", description="address of a folder with the same files; empty: the publisher's")


def rows(source: str, client: Client, query: PhotographsQuery) -> Iterator[ManifestRow]:
    """A row an archive; nothing is asked of any server."""
    for values in FILES[source]:
        name = values["url"].rsplit("/", 1)[-1]
        url = f"{query.mirror.rstrip('/')}/{name}" if query.mirror else values["url"]
        named = {"source": source, "id": name, "observation": name, "title": name}
        yield checked_row(values | named | {"url": url}, source)


COCO = Source(
    name="coco",
    about="COCO_SAMPLE of fastai: photographs for the first phases (3.2 GB)",
    acknowledgement="Photographs from COCO (Lin et al. 2014), each under the terms of its owner on Flickr.",
    query=PhotographsQuery,
    rows=partial(rows, "coco"),
)
DIV2K = Source(
    name="div2k",
    about="DIV2K: 900 photographs for super-resolution (4 GB)",
    acknowledgement="Photographs from DIV2K (Agustsson and Timofte 2017), for academic research only.",
    query=PhotographsQuery,
    rows=partial(rows, "div2k"),
)
