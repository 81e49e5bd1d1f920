"""Which objects of the sky a picture shows, by what it is called: its title, its file, the `object` of a manifest.

`objects.yaml` holds what things are called; this module reads names in text. A number counts only behind the name of a
catalogue, so the digits of dates and of release ids (heic0506a, PIA04230) are no objects; a few ids stand in the table
with what their picture was seen to show. Roman numerals are letters.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from astrogan.base import AstroganError

_NO_DESIGNATIONS = ("of", "in", "on", "at", "by", "an", "as")
"""Words of two letters that stand before a constellation and name no variable star in it."""
_SURVEYS = "sdss|macs|tn|rxc|rx|act cl|spt cl|cl|rcs2|rcs|rdcs|2mass|wise|psr|galaxy cluster"
_GREEK = "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|omicron|pi|rho|sigma|tau|upsilon|phi|chi|psi|omega"

Pattern = tuple[re.Pattern[str], Callable[[re.Match[str]], list[str]]]
"""A regular expression of plain text (`plain`), and the designations that a match of it stands for."""


class Names(NamedTuple):
    """What `objects.yaml` says."""

    known: dict[str, tuple[str, ...]]
    """Plain name or designation -> what each object that it means is called."""
    spelled: dict[str, tuple[str, ...]]
    """Names that are no catalogue's numbers, written as one word, as file names often do -> the same."""
    words: re.Pattern[str]
    """Finds them."""
    patterns: list[Pattern]


def objects_in(*texts: str) -> tuple[str, ...]:
    """The objects that the texts name, sorted, each under one name ('M 51' for NGC 5194, Arp 85 and the Whirlpool)."""
    names = read_names()
    found: set[str] = set()
    for text in map(plain, texts):
        for name in names.words.findall(text):
            found.update(names.spelled[name.replace(" ", "")])
        rest = names.words.sub(" | ", text)
        for pattern, designations in names.patterns:
            for match in pattern.finditer(rest):
                for name in designations(match):
                    found.update(names.known.get(plain(name), (name,)))
    return tuple(sorted(found, key=natural))


def plain(text: str) -> str:
    """Lower case, ASCII letters and digits in words parted by one space; a genitive's s stays with its word."""
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    text = re.sub(r"[^a-z0-9]+", " ", re.sub(r"['\u2019`]", "", text)).strip()
    return re.sub(r"\b([a-z]{3,}) s\b", r"\1s", text)


def natural(name: str) -> list[tuple[bool, int, str]]:
    """A key that sorts 'M 9' before 'M 51'."""
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.findall(r"\d+|\D+", name)]


def table() -> dict[str, Any]:
    """`objects.yaml` as it stands."""
    return yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))


@cache
def read_names() -> Names:
    """The names of `objects.yaml`; see `names_of`."""
    return names_of(table())


def names_of(facts: dict[str, Any]) -> Names:
    """The names of a table such as `objects.yaml`; `AstroganError` for a name that it gives to two objects."""
    known: dict[str, tuple[str, ...]] = {}

    def call(name: str, objects: tuple[str, ...]) -> None:
        key = plain(name)
        if known.setdefault(key, objects) != objects:
            raise AstroganError(
                f"objects.yaml calls both {', '.join(known[key])} and {', '.join(objects)} '{name}'. Keep one, or put "
                "the name under 'several'."
            )

    def meant(name: str) -> tuple[str, ...]:
        return known.get(plain(name), (name,))

    for row in facts["same"]:
        for name in row:
            call(name, (row[0],))
    for number, name in enumerate(facts["messier"], 1):
        call(f"M {number}", meant(f"M {number}"))
        if name != "-":
            call(name, meant(f"M {number}"))
    for number, name in enumerate(facts["caldwell"], 1):
        call(f"Caldwell {number}", meant(name))
    for name, ids in facts["releases"].items():
        for each in ids:
            call(each, meant(name))
    for name, parts in facts["several"].items():
        call(name, tuple(each for part in parts for each in meant(part)))
    numbers = [_numbered(name, **each) for name, each in facts["catalogues"].items()]
    words = [key for key in known if not any(pattern.fullmatch(key) for pattern, _ in numbers)]
    # Between two numbers the space stays: M 2-9 is not M 29.
    text = "|".join(re.sub("(?<=[a-z]) | (?=[a-z])", " ?", key) for key in sorted(words, key=len, reverse=True))
    return Names(
        known=known,
        spelled={key.replace(" ", ""): known[key] for key in words},
        words=re.compile(rf"\b({text})s?\b"),  # Jupiter's spots
        patterns=[*numbers, *_others(facts["constellations"])],
    )


def _numbered(name: str, words: list[str], last: int, letter: bool = False, parts: bool = False) -> Pattern:
    """The numbers of a catalogue, and a second one where it is the next: NGC 4038/4039, NGC 4038-39, M 81 and 82."""
    spelled = "|".join(sorted(words, key=len, reverse=True)).replace(" ", " ?")
    # M 2-9 is Minkowski's, not Messier's.
    minkowski = r"(?!m ?[1-4] \d{1,3}\b)" if name == "M" else ""
    ending = "([a-z]?)" if letter else "()"
    pattern = re.compile(rf"\b{minkowski}(?:{spelled}) ?0*(\d{{1,5}}){ending}\b(?: (?:and )?0*(\d{{1,5}})\b)?")

    def designations(match: re.Match[str]) -> list[str]:
        number, ending, second = match[1], match[2], match[3] or ""
        following = int(number[: -len(second)] + second) if second and len(second) <= len(number) else 0
        found = [f"{name} {number}{'' if parts else ending.upper()}"] if 1 <= int(number) <= last else []
        return [*found, f"{name} {following}"] if found and following == int(number) + 1 else found

    return pattern, designations


def _others(constellations: dict[str, str]) -> Iterator[Pattern]:
    """Supernovae, comets, asteroids, stars, and what is called by its place in the sky."""
    short = {plain(each): name for name, genitive in constellations.items() for each in (name, genitive)}
    genitives = "|".join(map(plain, constellations.values()))
    everything = "|".join(sorted(short, key=len, reverse=True))
    no = "|".join(_NO_DESIGNATIONS)
    rules: Iterable[tuple[str, Callable[[re.Match[str]], str]]] = (
        (r"\b(?:sn|supernova) ?(\d{4}[a-z]{1,2}|1604|1572|1054|1006|185)\b", lambda m: f"SN {_epoch(m[1])}"),
        (r"\bcomet 0*(\d{1,3}p)\b", lambda m: m[1].upper()),
        (r"\b([cpd]) ([12]\d{3}) ([a-z]\d{1,3})\b", lambda m: f"{m[1]}/{m[2]} {m[3]}".upper()),
        (r"\basteroid 0*(\d{1,6}) [a-z]{3,}\b", lambda m: f"asteroid {m[1]}"),
        (rf"\b(v\d{{3,4}}) ({everything})\b", lambda m: f"{m[1].upper()} {short[m[2]]}"),
        (rf"\b(?!(?:{no}) )([r-z]|[a-z]{{2}}) ({genitives})\b", lambda m: f"{m[1].upper()} {short[m[2]]}"),
        (rf"\b({_GREEK}) ({genitives})\b", lambda m: f"{m[1].title()} {short[m[2]]}"),
        (r"\beso 0*(\d{1,3}) ?(?:ig|g)? ?0*(\d{1,3})\b", lambda m: f"ESO {m[1]}-{m[2]}"),
        (r"\bam ?(\d{4}) (\d{3,4})\b", lambda m: f"AM {m[1]}-{m[2]}"),
        (r"\biras ?(\d{5}) ?(\d{4})\b", lambda m: f"IRAS {m[1]}-{m[2]}"),
        # By hour and minute: what else is cited of a place differs from one text to the next.
        (rf"\b({_SURVEYS}) ?j(\d{{4}})(?:\d+)?\b", lambda m: _place(m[1], m[2])),
        (rf"\b({_SURVEYS}) (\d{{4}})(?:\d\d)? (?:\d )?\d{{2,6}}\b", lambda m: _place(m[1], m[2])),
    )
    for text, name in rules:
        yield re.compile(text), lambda match, name=name: [name(match)]


def _epoch(text: str) -> str:
    """1987a -> 1987A, 2011FE -> 2011fe, as supernovae are written."""
    return text.upper() if len(text) == 5 else text


def _place(survey: str, minute: str) -> str:
    survey = "CL" if survey == "galaxy cluster" else survey.upper().replace(" ", "-")
    return f"{survey} J{minute}"
