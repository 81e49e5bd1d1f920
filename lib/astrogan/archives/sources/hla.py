"""Colour previews of the Hubble Legacy Archive: Simple Image Access by pyvo, 256 px JPEG by `fitscut`.

The paper filtered for M101 and got "more than 80 thousand images with a 1 degree difference between consecutive right
ascension" (section 3.1): its scraper walks a grid of positions, right ascension 30 to 359 and declination -90 to 89 in
steps of 1 degree, with a radius of 1 degree, and keeps the name M101 in the address of every request. The default here
is M101 itself; `ra_first=30 ra_last=359 dec_first=-90 dec_last=89` is the scraper's grid. Neighbouring positions return
the same previews; each dataset is listed once.
"""

import io
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import Field

from astrogan.archives.client import Client
from astrogan.archives.manifest import ManifestRow, checked_row, optional
from astrogan.archives.sources.answers import beginning
from astrogan.base import AstroganError, Config


class HlaQuery(Config):
    """A grid of positions, and which previews of each. Angles in degrees, ICRS."""

    url: str = Field("https://hla.stsci.edu/cgi-bin/hlaSIAP.cgi", description="address of the service")
    ra_first: float = Field(210.8023, ge=0, lt=360, description="first right ascension; the default is M101's")
    ra_last: float = Field(210.8023, ge=0, lt=360, description="last right ascension")
    dec_first: float = Field(54.3489, ge=-90, le=90, description="first declination")
    dec_last: float = Field(54.3489, ge=-90, le=90, description="last declination")
    step: float = Field(1.0, gt=0, description="of the grid")
    radius: float = Field(1.0, gt=0, le=180, description="around each position")
    instruments: str = Field("ACS,WFC3,WFPC2,NICMOS", description="separated by commas, as the archive names them")
    size: int = Field(256, ge=16, description="longest side of the preview, px")

    def positions(self) -> list[tuple[float, float]]:
        """(RA, Dec) of the grid, declination by declination."""
        ras = _steps(self.ra_first, self.ra_last, self.step, "ra")
        return [(ra, dec) for dec in _steps(self.dec_first, self.dec_last, self.step, "dec") for ra in ras]


def rows(client: Client, query: HlaQuery) -> Iterator[ManifestRow]:
    """Each colour preview once, however many positions of the grid find it."""
    seen: set[str] = set()
    for ra, dec in query.positions():
        url = siap_url(query, ra, dec)
        for row in siap_rows(client.get(url), url, query.size):
            if row.id not in seen:
                seen.add(row.id)
                yield row


def siap_url(query: HlaQuery, ra: float, dec: float) -> str:
    """The SIA 1.0 request of one position; SIZE is the side of the region, so twice the radius."""
    sought = optional("pyvo.dal").sia.SIAQuery(query.url, pos=(ra, dec), size=2 * query.radius, format="image/jpeg")
    sought["imagetype"] = "color"
    sought["inst"] = query.instruments
    flat = {key: ",".join(map(str, v)) if isinstance(v, list | tuple) else str(v) for key, v in sought.items()}
    return f"{query.url}?{urlencode(flat, safe=',/')}"


def siap_rows(body: bytes, where: str, size: int) -> Iterator[ManifestRow]:
    """The rows of a VOTable that a Simple Image Access service answered with; columns are found by their UCD."""
    dal = optional("pyvo.dal")
    try:
        table = optional("astropy.io.votable").parse(io.BytesIO(body), verify="ignore")
        results = dal.sia.SIAResults(table, url=where)
    except (dal.DALFormatError, dal.DALQueryError) as error:
        found = " ".join(str(error).split())
        raise AstroganError(f"{where} refused the query: {found}. Correct its parameters.") from error
    except Exception as error:  # astropy raises expat errors, ValueError, IndexError and its own for what is no VOTable
        what = f"no VOTable, but with '{beginning(body)}...' ({type(error).__name__})"
        raise AstroganError(f"{where} answered with {what}.") from error
    wanted = ("VOX:Image_AccessReference", "VOX:Image_Title", "POS_EQ_RA_MAIN", "POS_EQ_DEC_MAIN")
    missing = [ucd for ucd in wanted if results.fieldname_with_ucd(ucd) is None]
    if missing:
        what = f"the table has no column of UCD {', '.join(missing)}"
        raise AstroganError(f"{where}: {what}. The format may have changed.")
    for record in results:
        url = preview_url(str(record.acref), size, where)
        names = dict(parse_qsl(urlsplit(url).query))
        bands = [names[band] for band in ("red", "green", "blue") if band in names]
        if len(bands) < 2:
            continue  # one band makes a grey preview
        yield checked_row(
            {
                "source": "hla",
                "id": " ".join(dict.fromkeys(bands)),
                "observation": re.sub(
                    r"(?i)^(hst_[^_]*_[^_]*)_.*", r"\1", bands[0]
                ),  # proposal and visit: one pointing
                "title": str(record.title or ""),
                "url": url,
                "credit": "NASA, ESA, STScI, Hubble Legacy Archive",
                "licence": "STScI content use policy (NASA contract NAS5-26555)",
                "date": _text(record, "StartTime")[:10],
                "target": _text(record, "Target"),
                "instruments": str(record.instr or _text(record, "Detector") or ""),
                "ra": float(record.pos.ra.deg) % 360,
                "dec": float(record.pos.dec.deg),
            },
            where,
        )


def preview_url(url: str, size: int, where: str) -> str:
    """The `fitscut` address of the whole field at `size` px on its longest side, whatever the service proposed."""
    parts = urlsplit(url)
    if not parts.path.endswith("/fitscut.cgi"):
        raise AstroganError(f"{where}: '{url}' is no preview by fitscut.cgi. The format may have changed.")
    dropped = {"size", "output_size", "zoom", "format", "ra", "dec", "x", "y"}
    kept = [(name.lower(), value) for name, value in parse_qsl(parts.query) if name.lower() not in dropped]
    asked = [("size", "ALL"), ("output_size", str(size)), ("format", "jpg")]
    return parts._replace(query=urlencode([*kept, *asked])).geturl()


def _text(record, name: str) -> str:
    columns = {column.lower(): column for column in record}
    return str(record[columns[name.lower()]] or "") if name.lower() in columns else ""


def _steps(first: float, last: float, step: float, name: str) -> list[float]:
    if last < first:
        raise AstroganError(f"{name}_last = {last} is before {name}_first = {first}. Exchange them, or list two grids.")
    return [first + i * step for i in range(int((last - first) / step + 1e-9) + 1)]
