"""Hubble's calibrated frames at MAST, three bands of one visit and detector: the FITS files behind a colour image.

Listed by astroquery (Observations.query_criteria): the drizzled, aligned products of the Hubble Advanced Products, whose
identifier is `hst_<proposal>_<visit>_<instrument>_<detector>_<filter>_<root>`. `curation/composites.py` makes the colour image.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any
from urllib.parse import quote

from pydantic import Field

from astrogan.archives.client import Client
from astrogan.archives.manifest import ManifestRow, checked_row, optional
from astrogan.base import AstroganError, Config

PARTS = ("blue", "green", "red")
_FILTER = re.compile(r"^f(\d{3,4})[a-z]+\d?$")
_COLUMNS = ("obs_id", "target_name", "s_ra", "s_dec", "filters", "instrument_name", "dataURL", "proposal_id")


class MastQuery(Config):
    """A region of the sky, and which products of it."""

    url: str = Field("https://mast.stsci.edu", description="root of the archive")
    ra: float = Field(210.8023, ge=0, lt=360, description="right ascension, degrees; the default is M101's")
    dec: float = Field(54.3489, ge=-90, le=90, description="declination, degrees")
    radius: float = Field(0.2, gt=0, le=5, description="degrees")
    instruments: str = Field("ACS/WFC,WFC3/UVIS", description="separated by commas")
    products: str = Field("HAP-SVM", description="provenance_name of the products")


def rows(client: Client, query: MastQuery) -> Iterator[ManifestRow]:
    """Three rows an observation, blue, green, red, for each visit and detector with at least three bands."""
    products = [_product(record, query) for record in observations(query)]
    products = sorted((p for p in products if p is not None), key=lambda p: (p["observation"], p["band"]))
    for _, group in groupby(products, key=lambda p: p["observation"]):
        bands = list({p["band"]: p for p in group}.values())
        if len(bands) < 3:
            continue
        for part, product in zip(PARTS, (bands[0], bands[len(bands) // 2], bands[-1]), strict=True):
            product = {name: value for name, value in product.items() if name != "band"}
            yield checked_row(product | {"part": part}, f"{query.url}, {product['id']}")


def observations(query: MastQuery) -> list[dict[str, Any]]:
    """MAST's records of the region; `AstroganError` when the service fails or lacks a column."""
    requests, refused = optional("requests"), optional("astroquery.exceptions").InvalidQueryError
    service = optional("astroquery.mast").ObservationsClass()
    portal = service._portal_api_connection  # astroquery has no public way to another server
    portal.MAST_REQUEST_URL = f"{query.url}/api/v0/invoke"
    portal.COLUMNS_CONFIG_URL = f"{query.url}/portal/Mashup/Mashup.asmx/columnsconfig"
    try:
        table = service.query_criteria(
            coordinates=optional("astropy.coordinates").SkyCoord(query.ra, query.dec, unit="deg"),
            radius=f"{query.radius} deg",
            obs_collection="HST",
            dataproduct_type="image",
            dataRights="PUBLIC",
            instrument_name=query.instruments.split(","),
            provenance_name=query.products,
        )
    except (requests.RequestException, refused, KeyError, ValueError, TimeoutError) as error:
        raise AstroganError(
            f"{query.url}: the query failed ({type(error).__name__}: {error}). Try again later."
        ) from error
    if not len(table):
        return []
    missing = [name for name in _COLUMNS if name not in table.colnames]
    if missing:
        raise AstroganError(f"{query.url}: the answer has no column {', '.join(missing)}. The format may have changed.")
    return [{name: row[name] for name in table.colnames} for row in table]


def _product(record: dict[str, Any], query: MastQuery) -> dict[str, Any] | None:
    """The row's values and its band in nm or IR's tenths; None for a total image and what has no single wide filter."""
    name, uri = str(record["obs_id"]), str(record["dataURL"])
    words = name.split("_")
    band = next((match for word in words if (match := _FILTER.match(word))), None)
    if band is None or not uri.startswith("mast:") or not uri.endswith(".fits"):
        return None
    return {
        "band": int(band[1]),
        "source": "mast",
        "id": name,
        "observation": "_".join(words[: words.index(band[0])]),
        "title": f"{record['target_name']} {record['filters']}",
        "url": f"{query.url}/api/v0.1/Download/file?uri={quote(uri, safe=':/')}",
        "credit": f"NASA, ESA, STScI; HST proposal {record['proposal_id']}",
        "licence": "STScI content use policy (NASA contract NAS5-26555)",
        "target": str(record["target_name"]),
        "instruments": f"{record['instrument_name']} {record['filters']}",
        "ra": float(record["s_ra"]) % 360,
        "dec": float(record["s_dec"]),
    }
