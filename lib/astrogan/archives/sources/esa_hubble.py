"""ESA/Hubble's images by its Data2Dome feed: JSON as djangoplicity serves it at `/images/d2d/`.

A page is `{"Count": n, "Next": url or null, "Previous": .., "Collections": [..]}`; an entry has the AVM names ID, Title,
Credit, Rights, PublicationDate, ReferenceURL, Subject {Category, Name}, and Assets [{MediaType, Resources [{ResourceType,
URL, Dimensions, FileSize}], ObservationData {Facility, Instrument, Spatial {ReferenceValue, ..}}}]. Keys without a value
are left out, and only an image of type "Observation" has ObservationData. Source: djangoplicity `media/d2d`.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from pydantic import Field

from astrogan.archives.client import Client
from astrogan.archives.manifest import ManifestRow, checked_row
from astrogan.archives.sources.answers import answer, by_words, joined, want
from astrogan.base import AstroganError, Config


class EsaHubbleQuery(Config):
    """Which part of the feed is listed."""

    url: str = Field("https://esahubble.org/images/d2d/", description="address of the feed")
    after: str = Field("", pattern=r"^(\d{8})?$", description="released on or after YYYYMMDD; empty: all")
    before: str = Field("", pattern=r"^(\d{8})?$", description="released on or before YYYYMMDD; empty: all")
    size: str = Field("Large", description="ResourceType to fetch: Large, Publication JPEG as the feed names them, ...")
    page_size: int = Field(100, ge=1, le=100, description="entries a request")


def rows(client: Client, query: EsaHubbleQuery) -> Iterator[ManifestRow]:
    """Every image of the feed, newest first."""
    given = {"count": query.page_size, "after": query.after, "before": query.before}
    url: str | None = f"{query.url}?{urlencode({name: value for name, value in given.items() if value})}"
    seen: set[str] = set()
    while url:
        if url in seen:
            raise AstroganError(f"{url}: the feed's pages go in a circle. Try again later, or narrow it by date.")
        seen.add(url)
        page = want(answer(client, url), dict, "(root)", url)
        for number, entry in enumerate(want(page.get("Collections"), list, "Collections", url)):
            yield entry_row(want(entry, dict, f"Collections.{number}", url), query.size, url)
        following = page.get("Next")
        url = _same_host(url, want(following, str, "Next", url)) if following else None


def entry_row(entry: dict[str, Any], size: str, where: str) -> ManifestRow:
    """The row of one entry of the feed; `AstroganError` names `where` and the field."""
    name = want(entry.get("ID"), str, "ID", where)
    where = f"{where}, entry {name}"
    assets = want(entry.get("Assets"), list, "Assets", where)
    asset = next((a for a in assets if isinstance(a, dict) and a.get("MediaType") == "Image"), None)
    if asset is None:
        raise AstroganError(f"{where}: no asset of MediaType Image. The format may have changed.")
    resources = want(asset.get("Resources"), list, "Assets.Resources", where)
    found = {r["ResourceType"]: r for r in resources if isinstance(r, dict) and "ResourceType" in r}
    if size not in found:
        raise AstroganError(f"{where}: no resource '{size}'; it has {', '.join(sorted(found)) or 'none'}. Choose one.")
    resource = found[size]
    width, height, *_ = resource.get("Dimensions") or [None, None]
    checksum = str(resource.get("Checksum") or "").lower()
    observed = asset.get("ObservationData") or {}
    ra, dec = ((observed.get("Spatial") or {}).get("ReferenceValue") or [None, None])[:2]
    subject = entry.get("Subject") or {}
    row = checked_row(
        {
            "source": "esahubble",
            "id": name,
            "observation": name,
            "title": entry.get("Title") or "",
            "url": want(resource.get("URL"), str, "Assets.Resources.URL", where),
            "bytes": resource.get("FileSize"),
            "width": width,
            "height": height,
            "checksum": checksum if re.match("(md5|sha1|sha256):.", checksum) else "",
            "credit": entry.get("Credit") or "",
            "licence": entry.get("Rights") or "CC BY 4.0",
            "date": (entry.get("PublicationDate") or "")[:10],
            "target": joined(subject.get("Name") or []),
            "instruments": joined(observed.get("Instrument") or []),
            "ra": ra,
            "dec": dec if ra is not None else None,
        },
        where,
    )
    row = by_words(row)
    if row.used and not observed:
        return row.excluded("illustration", "the archive lists it without observation data")
    return row


def _same_host(url: str, following: str) -> str:
    target = urljoin(url, following)
    if urlsplit(target).hostname != urlsplit(url).hostname:
        raise AstroganError(f"{url}: the next page is on another host, {target}. It is not followed.")
    if urlsplit(url).scheme == "https":  # the feed writes http links behind its proxy
        target = target.replace("http://", "https://", 1)
    return target
