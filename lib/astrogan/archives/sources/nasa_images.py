"""Hubble's images in NASA's Image and Video Library by its API.

`/search` answers `{"collection": {"items": [{"href": asset list, "data": [{nasa_id, title, date_created, center, keywords,
description, secondary_creator, photographer}], "links": [{href, rel, render}]}], "metadata": {"total_hits": n},
"links": [{"rel": "next", "href": url}]}}`; the asset list at `href` is a JSON list of the URLs of every size
(`~orig`, `~large`, `~medium`, `~small`, `~thumb`). A search ends at 10,000 results: list by years where there are more.
Source: images.nasa.gov API documentation, release 1.22.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from pydantic import Field

from astrogan.archives.client import Client
from astrogan.archives.manifest import ManifestRow, checked_row
from astrogan.archives.sources.answers import answer, by_words, joined, want
from astrogan.base import AstroganError, Config

MOST_RESULTS = 10_000


class NasaQuery(Config):
    """Which part of the library is listed."""

    url: str = Field("https://images-api.nasa.gov", description="root of the API")
    q: str = Field("Hubble Space Telescope", description="search terms")
    center: str = Field("GSFC", description="NASA centre that published it; empty: all")
    year_start: int | None = Field(None, ge=1958, description="None: no limit")
    year_end: int | None = Field(None, ge=1958, description="None: no limit")
    sizes: str = Field("orig,large,medium", description="sizes in order of preference")
    page_size: int = Field(100, ge=1, le=100, description="entries a request")


def rows(client: Client, query: NasaQuery) -> Iterator[ManifestRow]:
    """Every image of the search; one request a page, and one an image for the URLs of its sizes."""
    given = query.model_dump(exclude={"url", "sizes"}) | {"media_type": "image", "page": 1}
    url: str | None = f"{query.url}/search?{urlencode({k: v for k, v in given.items() if v})}"
    while url:
        page = want(want(answer(client, url), dict, "(root)", url).get("collection"), dict, "collection", url)
        hits = want((page.get("metadata") or {}).get("total_hits"), int, "collection.metadata.total_hits", url)
        if hits > MOST_RESULTS:
            raise AstroganError(
                f"{url}: {hits:,} results, of which the service gives {MOST_RESULTS:,}. List them by year_start "
                "and year_end."
            )
        for number, item in enumerate(want(page.get("items"), list, "collection.items", url)):
            yield item_row(client, want(item, dict, f"collection.items.{number}", url), query, url)
        links = [link for link in page.get("links") or [] if link.get("rel") == "next"]
        url = _secure(urljoin(url, links[0]["href"]), query.url) if links else None


def item_row(client: Client, item: dict[str, Any], query: NasaQuery, where: str) -> ManifestRow:
    """The row of one search result; an entry that words exclude costs no request for its sizes."""
    data = want(want(item.get("data"), list, "data", where)[0], dict, "data.0", where)
    name = want(data.get("nasa_id"), str, "data.nasa_id", where)
    where = f"{where}, entry {name}"
    href = _secure(want(item.get("href"), str, "href", where), query.url)
    values = {
        "source": "nasa-images",
        "id": name,
        "observation": name,
        "title": data.get("title") or "",
        "url": href,
        "credit": joined([data.get("secondary_creator"), data.get("photographer")])
        or f"NASA ({data.get('center', '')})",
        "licence": "NASA media usage guidelines (not copyrighted unless noted)",
        "date": (data.get("date_created") or "")[:10],
    }
    row = by_words(checked_row(values, where), data.get("keywords") or [])
    return checked_row(values | {"url": _asset(client, href, query)}, where) if row.used else row


def _asset(client: Client, href: str, query: NasaQuery) -> str:
    urls = [url for url in want(answer(client, href), list, "(root)", href) if isinstance(url, str)]
    for size in query.sizes.split(","):
        for url in urls:
            if f"~{size.strip()}." in url and url.lower().endswith((".jpg", ".jpeg", ".png", ".tif", ".tiff")):
                return _secure(url, query.url)
    raise AstroganError(f"{href}: none of the sizes {query.sizes} is listed. Name others with sizes=.")


def _secure(url: str, root: str) -> str:
    """With the root's scheme (the library still writes http links) and its spaces quoted."""
    parts = urlsplit(url)
    path = quote(parts.path, safe="/%~:@!$&'()*+,;=")
    return parts._replace(scheme=urlsplit(root).scheme, path=path).geturl()
