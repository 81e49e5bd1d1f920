"""Exclusions that an archive's own words call for: illustrations, charts, annotated pictures, terrestrial scenes.

Whole words of the title decide, and of the keywords where the archive gives them. Descriptions do not: they explain
nearly every picture with words like these.
"""

import re
from collections.abc import Iterable

from astrogan.archives.manifest import Decision, ManifestRow

WORDS: dict[Decision, tuple[str, ...]] = {
    "illustration": (
        r"artist'?s'? (?:impression|concept(?:ion)?|illustration|rendering|view|rendition)",
        r"illustrations?",
        r"artwork",
        r"animation",
        r"simulat(?:ion|ed)",
        r"infographics?",
        r"visuali[sz]ation",
        r"logo",
        r"poster",
    ),
    "chart": (
        r"charts?",
        r"diagrams?",
        r"graph(?:ic)?s?",
        r"plots?",
        r"spectr(?:um|a)",
        r"light curves?",
        r"finder",
        r"location of",
        r"schematic",
    ),
    "annotated": (r"annotat(?:ed|ions?)", r"labell?ed", r"with labels", r"compass", r"scale bar"),
    "terrestrial": (
        r"astronauts?",
        r"shuttle",
        r"spacewalks?",
        r"eva",
        r"launch(?:ed|es|ing)?",
        r"clean ?room",
        r"servicing mission",
        r"sts-?\d+\w*",
        r"portraits?",
        r"ceremony",
        r"press conference",
        r"thermal vacuum",
        r"kennedy space center",
        r"ground(?:-based)? view",
        r"wide-field view from the ground",
    ),
}
"""Decision to its patterns, in the order in which they are asked."""
_PATTERNS = {
    decision: re.compile(r"(?<![\w-])(?:" + "|".join(words) + r")(?![\w-])", re.IGNORECASE)
    for decision, words in WORDS.items()
}


def by_words(row: ManifestRow, keywords: Iterable[str] = ()) -> ManifestRow:
    """`row`, excluded if its title or one of `keywords` says what it is; the word stands in `detail`."""
    if not row.used:
        return row
    texts = [row.title.replace("’", "'"), *(str(word) for word in keywords)]
    for decision, pattern in _PATTERNS.items():
        for text in texts:
            if match := pattern.search(text):
                return row.excluded(decision, f"'{match[0].lower()}' in '{text[:80]}'")
    return row
