"""Values in the prose: `{{ metrics.grey.values.mae_rgb | .2f }}` becomes the number, or a dash.

A hole is a path, and optionally a format after a bar. The path's first part is a root:

- `metrics`, `history`, `data`: the run's `<root>/<file>.json`, then its keys;
- `provenance`, `better`, `claims`: the run's `<root>.json`;
- `paper`: the paper's own numbers, `report/paper.yaml` (its tables directly: `paper.table1.<row>.l1`);
- `code`: what the authors' code, logs and outputs show, `report/code.yaml`;
- `credit`, `generated`: texts that the staging makes.

A part may be a list's index, or `mean` of a list of numbers. The format is Python's (`.2f`, `,`), or `and`, which gives
"10, 16 and 32".
What the run does not have becomes a dash whose reason can be read; a path wrong in itself is an error.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from astrogan.base import AstroganError

FILES = ("provenance", "better", "claims")
RUN_ROOTS = ("metrics", "history", "data", *FILES)

HOLE = re.compile(r"\{\{\s*(?P<path>[^{}|]+?)\s*(?:\|\s*(?P<format>[^{}]+?)\s*)?\}\}")
FIGURE = re.compile(r"^```\{figure\} figures/(?P<name>[\w-]+)\.\*\n(?::.*\n)*", re.MULTILINE)
TABLE = re.compile(r"^```\{include\} tables/(?P<name>[\w-]+)\.md$", re.MULTILINE)
_LISTING = re.compile(r"^```(?:text|sh|python|yaml|json)\n.*?^```$", re.MULTILINE | re.DOTALL)
_LISTING_OR_HOLE = re.compile(f"{_LISTING.pattern}|{HOLE.pattern}", _LISTING.flags)
_SPECIAL = re.compile(r"([\\`*_$<>\[\]{}|])")


class Markdown(str):
    """Text that goes into a page as it is, directives and all."""


class _MissingError(Exception):
    """The run has no such value; the message is the reason that the reader sees."""


def fill(text: str, values: Mapping[str, Any], no_run: str = "") -> tuple[str, list[str]]:
    """Fill the holes of a page; the page and the reasons for its dashes, each once.

    `values` maps the roots to nested mappings. `no_run`, when not empty, is the reason given for whatever the run
    lacks. `AstroganError` for a root that does not exist, a path that the paper's numbers do not have, or a format
    that does not fit.
    """
    reasons: dict[str, None] = {}

    def value(hole: re.Match[str]) -> str:
        path = hole["path"]
        try:
            found = _look_up(path, values)
        except _MissingError as missing:
            reason = no_run or str(missing)
            reasons[reason] = None
            return f"{{abbr}}`– ({reason.replace('`', '')})`"
        return _written(path, found, hole["format"])

    # of what stands in a listing nothing is filled
    return _LISTING_OR_HOLE.sub(lambda match: value(match) if match["path"] else match.group(), text), list(reasons)


def items_named(text: str) -> set[str]:
    """The figures and tables of a run that a page's text shows."""
    return {match["name"] for pattern in (FIGURE, TABLE) for match in pattern.finditer(text)}


def uses_a_run(text: str) -> bool:
    """Whether a page's text has a hole that a run fills."""
    return any(hole["path"].split(".")[0] in RUN_ROOTS for hole in HOLE.finditer(_LISTING.sub("", text)))


def _look_up(path: str, values: Mapping[str, Any]) -> Any:
    root, *parts = path.split(".")
    if root not in values:
        raise AstroganError(f"'{{{{ {path} }}}}': no root '{root}'; known are {', '.join(values)}")
    found = values[root]
    record, keys = (found, parts) if root in FILES else ({}, parts[1:])
    for depth, part in enumerate(parts):
        if depth == 1 and root not in FILES and isinstance(found, Mapping):
            record = found
        if isinstance(found, Mapping) and part in found:
            found = found[part]
        elif part == "mean" and _is_list(found) and found:
            found = sum(found) / len(found)
        elif part.isdigit() and _is_list(found) and int(part) < len(found):
            found = found[int(part)]
        elif root in RUN_ROOTS:
            raise _MissingError(_absence(root, parts, depth))
        else:
            raise AstroganError(f"'{{{{ {path} }}}}': there is no '{part}'. Correct the page or the data it names.")
        if found is None:
            if root not in RUN_ROOTS:
                raise AstroganError(f"'{{{{ {path} }}}}' is empty. Name something else, or leave it out of the page.")
            raise _MissingError(_reason(record, keys, parts[0]))
    return found


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _absence(root: str, parts: list[str], depth: int) -> str:
    if root in FILES:
        return f"{root}.json has no {'.'.join(parts[: depth + 1])}"
    if depth == 0:
        return f"this run has no row {parts[0]}"
    return f"{root}/{parts[0]}.json has no {'.'.join(parts[1:])}"


def _reason(record: Mapping[str, Any], parts: list[str], name: str) -> str:
    """The reason that the file itself gives for its null, by full key, by its first parts or by its last."""
    reasons = record.get("reasons") or {}
    keys = [".".join(parts[:end]) for end in range(len(parts), 0, -1)] + parts[-1:]
    return next((reasons[key] for key in keys if key in reasons), f"{name} has no value for {'.'.join(parts)}")


def _written(path: str, value: Any, spec: str | None) -> str:
    if isinstance(value, Markdown):
        return value
    if spec == "and" and _is_list(value):
        words = [str(item) for item in value]
        return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
    if spec is not None and not isinstance(value, (int, float, Decimal)):
        raise AstroganError(f"'{{{{ {path} | {spec} }}}}': {value!r} cannot be formatted so.")
    if isinstance(value, (Mapping, list, tuple)):
        raise AstroganError(f"'{{{{ {path} }}}}' names several values. Name one, or add '| and'.")
    try:
        return _SPECIAL.sub(r"\\\1", str(value)) if spec is None else format(value, spec)
    except ValueError as error:
        raise AstroganError(f"'{{{{ {path} | {spec} }}}}': {error}") from error
