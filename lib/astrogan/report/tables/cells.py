"""The cells of Tables 1 to 7: a row's evaluated metrics, and measures of its tiles, as values with their intervals."""

import re
from typing import Any

from astrogan.evaluation import comparison
from astrogan.evaluation.results import Results
from astrogan.experiments.catalogue import is_baseline, label
from astrogan.report.paper.numbers import load
from astrogan.report.tables.layout import Value, dash, signed, text

NOT_IN_PAPER = "the paper has no such row"
NOT_RUN = "this row is not in the run"


def score(run: Results, row: str, key: str, channel: int | None = None, digits: int = 2, scale: float = 1) -> Value:
    """A metric of `metrics/<row>.json`: `key` is `fid` or `corrected.mae_rgb`; `channel` picks one of a list.

    A dash with the reason where the row was not run or the metric could not be computed.
    """
    metrics = run.metrics.get(row)
    if metrics is None:
        return dash(NOT_RUN)
    *section, name = key.split(".")
    found, interval = metrics, metrics.get("interval", {})
    for part in section:
        found, interval = found[part], interval.get(part) or {}
    number, bounds = found.get(name), interval.get(name)
    if number is None:
        return dash(metrics.get("reasons", {}).get(name) or f"{name} was not computed")
    if channel is not None:
        number, bounds = number[channel], bounds and bounds[channel]
    if number is None:
        return dash(metrics.get("reasons", {}).get(name) or f"{name} was not computed")
    low, high = bounds if bounds else (None, None)
    if low is None or high is None:
        return Value(number * scale, digits=digits)
    return Value(number * scale, low * scale, high * scale, digits)


def measured(run: Results, row: str, name: str, digits: int = 2, root: bool = False) -> Value:
    """The mean of a per-tile measure of the row's predictions, or its root, with its interval over groups."""
    if not run.holds(row):
        return dash(NOT_RUN)
    found = run.measured(row)
    return Value(*comparison.mean(found.values[name], found.groups, root), digits)


def printed(table: str, row: str, column: str, channel: int | None = None) -> Value:
    """The paper's number, digit for digit; a dash where its table has no such row."""
    found = load().value(table, row, column)
    if found is None:
        return dash(NOT_IN_PAPER)
    return text(found if channel is None else found[channel])


def count(run: Results, row: str) -> Value:
    """How many tiles the row was evaluated on."""
    metrics = run.metrics.get(row)
    return dash(NOT_RUN) if metrics is None else text(metrics["n"])


def seeds(run: Results, row: str) -> Value:
    """The seed or seeds that the row was trained with."""
    metrics = run.metrics.get(row)
    if metrics is None:
        return dash(NOT_RUN)
    if is_baseline(row):
        return dash("a baseline is not trained")
    return text(", ".join(map(str, metrics["seeds"]))) if metrics.get("seeds") else dash("the row names no seed")


def row_notes(run: Results, row: str) -> tuple[str, ...]:
    """What the evaluation says of the row as a whole, such as an encoder that began from random weights."""
    return tuple(run.metrics.get(row, {}).get("notes", ()))


def conditions(run: Results, rows: tuple[str, ...]) -> str:
    """One sentence on the tiles and on what the intervals are over, from the rows' own metrics."""
    held = [run.metrics[row] for row in rows if row in run.metrics]
    if not held:
        return "No row of this table was run."
    seen = sorted({(item["size"], item["observations"], item["groups"]) for item in held}, key=str)
    parts = [
        f"{_size(size)} tiles of {observations} observation{'s' if observations != 1 else ''}, intervals over {groups}"
        for size, observations, groups in seen
    ]
    return f"Square brackets: 95 % intervals. {'; '.join(parts)}. N: number of tiles."


def spread(run: Results, row: str, metrics: dict[str, tuple[str, int]]) -> str | None:
    """How far the row's metrics move with the seed: `<experiment>-seed<k>-<phase>` beside `<experiment>-<phase>`.

    `metrics` maps a name in words to (key, digits); a list of channels is averaged. None where one seed was run.
    """
    experiment, phase = row.rsplit("-", 1)
    others = [name for name in run.metrics if re.fullmatch(rf"{re.escape(experiment)}-seed\d+-{phase}", name)]
    if row not in run.metrics or not others:
        return None
    every = [run.metrics[name] for name in (row, *sorted(others))]
    seen = ", ".join(str(seed) for item in every for seed in item["seeds"])
    ranges = []
    for words, (key, digits) in metrics.items():
        found = [number for item in every if (number := _plain(item, key)) is not None]
        if found:
            ranges.append(f"{words} {signed(min(found), digits)} to {signed(max(found), digits)}")
    return f"{label(row)}, over the seeds {seen}: {'; '.join(ranges)}."


def _plain(metrics: dict[str, Any], key: str) -> float | None:
    found: Any = metrics
    for part in key.split("."):
        found = found[part]
    return sum(found) / len(found) if isinstance(found, list) else found


def _size(size: object) -> str:
    return f"{size} px" if isinstance(size, int) else " x ".join(map(str, size)) + " px"
