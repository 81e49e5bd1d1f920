"""What archives answer: JSON and its fields, and the exclusions that an archive's own words call for.

Whole words of the title decide, and of the keywords where the archive gives them (`words.yaml`): illustrations, charts,
annotated pictures, terrestrial scenes. Descriptions do not: they explain nearly every picture with words like these.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from astrogan.archives.client import Client
from astrogan.archives.manifest import Decision, ManifestRow
from astrogan.base import AstroganError

PATTERNS: dict[Decision, re.Pattern[str]] = {
    decision: re.compile(r"(?<![\w-])(?:" + "|".join(words) + r")(?![\w-])", re.IGNORECASE)
    for decision, words in yaml.safe_load(Path(__file__).with_name("words.yaml").read_text()).items()
}


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


def by_words(row: ManifestRow, keywords: Iterable[str] = ()) -> ManifestRow:
    """`row`, excluded if its title or one of `keywords` says what it is; the word stands in `detail`."""
    texts = [row.title.replace("’", "'"), *(str(word) for word in keywords)]
    for decision, pattern in PATTERNS.items():
        for text in texts:
            if match := pattern.search(text):
                return row.excluded(decision, f"'{match[0].lower()}' in '{text[:80]}'")
    return row
