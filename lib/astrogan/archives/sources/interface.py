"""What every source of images is: a name, a query with documented parameters, and a function that lists rows."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from astrogan.archives.client import Client
from astrogan.archives.manifest import ManifestRow
from astrogan.base import AstroganError, Config


@dataclass(frozen=True)
class Source:
    """A source by name: what it is, whose it is, and how it is listed."""

    name: str
    about: str
    """One line for `astrogan data list --help` and the data chapter."""
    acknowledgement: str
    """What a publication that uses the source says."""
    query: type[Config]
    """The parameters of a listing."""
    rows: Callable[[Client, Any], Iterator[ManifestRow]]
    """The rows of a query, as they come; `AstroganError` where the archive's answer is not of the documented form."""
    hosts: frozenset[str] = frozenset()
    """Hosts that its files may be redirected to."""


def answer(client: Client, url: str) -> Any:
    """The JSON that a listing service answers with; `AstroganError` names the URL."""
    body = client.get(url)
    try:
        return json.loads(body)
    except ValueError as error:
        what = f"no JSON, but with '{beginning(body)}...'"
        raise AstroganError(f"{url} answered with {what}. The service may have moved.") from error


def beginning(body: bytes) -> str:
    """The first characters of an answer, for an error."""
    return body[:60].decode("latin-1").strip().replace("\n", " ")


def want(value: Any, kind: type, path: str, where: str) -> Any:
    """`value` if it is of `kind`; `AstroganError` says which field of which answer is not."""
    if isinstance(value, kind) and not (kind in (int, float) and isinstance(value, bool)):
        return value
    found = "is missing" if value is None else f"is {type(value).__name__} {str(value)[:60]!r}"
    raise AstroganError(f"{where}: field '{path}' {found}; expected {kind.__name__}. The format may have changed.")


def joined(value: Any) -> str:
    """Text of a list or a string: its distinct parts separated by '; '."""
    parts = value if isinstance(value, list) else [value]
    return "; ".join(dict.fromkeys(str(part).strip() for part in parts if part not in (None, "")))
