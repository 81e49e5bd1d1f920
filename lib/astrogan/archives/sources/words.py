"""Exclusions that an archive's own words call for: illustrations, charts, annotated pictures, terrestrial scenes.

Whole words of the title decide, and of the keywords where the archive gives them (`words.yaml`). Descriptions do not: they
explain nearly every picture with words like these.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from astrogan.archives.manifest import Decision, ManifestRow

PATTERNS: dict[Decision, re.Pattern[str]] = {
    decision: re.compile(r"(?<![\w-])(?:" + "|".join(words) + r")(?![\w-])", re.IGNORECASE)
    for decision, words in yaml.safe_load(Path(__file__).with_name("words.yaml").read_text()).items()
}


def by_words(row: ManifestRow, keywords: Iterable[str] = ()) -> ManifestRow:
    """`row`, excluded if its title or one of `keywords` says what it is; the word stands in `detail`."""
    if not row.used:
        return row
    texts = [row.title.replace("’", "'"), *(str(word) for word in keywords)]
    for decision, pattern in PATTERNS.items():
        for text in texts:
            if match := pattern.search(text):
                return row.excluded(decision, f"'{match[0].lower()}' in '{text[:80]}'")
    return row
