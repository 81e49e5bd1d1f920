"""The JSON files of a run folder, without those of rows that the run no longer has.

Outputs of an experiment that was taken out of a profile stay in the folder. `rows.json`, a list of row ids, says which
rows count; without it all that lie there do.
"""

from pathlib import Path
from typing import Any

from astrogan.base import AstroganError
from astrogan.files import read_json

ROWS_FILE = "rows.json"


def current_rows(run: Path) -> frozenset[str] | None:
    """The row ids of `<run>/rows.json`; None where there is no such file. `AstroganError` where it is no list of names."""
    path = run / ROWS_FILE
    if not path.is_file():
        return None
    rows = read_json(path)
    if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
        raise AstroganError(
            f'{path} is not a JSON list of row ids, such as ["grey"]. Delete it and run the report\'s stage again.'
        )
    return frozenset(rows)


def records(run: Path, part: str) -> dict[str, Any]:
    """File stem to contents of `<run>/<part>/*.json`, `part` one of `metrics`, `history`, `stages` and `data`."""
    rows = current_rows(run)
    found = {path.stem: read_json(path) for path in sorted((run / part).glob("*.json"))}
    if rows is None or part == "data":
        return found
    if part == "stages":
        return {name: stage for name, stage in found.items() if _is_of(stage.get("parameters", {}), rows)}
    return {row: values for row, values in found.items() if row in rows}


def _is_of(parameters: dict[str, Any], rows: frozenset[str]) -> bool:
    """Whether a stage trains or evaluates one of `rows`, or has to do with no row in particular."""
    if "phase" in parameters:
        return f"{parameters['experiment']}-{parameters['phase']}" in rows
    named = parameters.get("rows")
    return not named or not rows.isdisjoint(named.split(","))
