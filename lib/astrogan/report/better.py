"""Is ours better? Paired differences between our recipe, the paper's, and baselines, on the same tiles.

Also the candidates among which the recipe was chosen: they are measured on validation tiles, never on the test's.
"""

from pathlib import Path
from typing import Any, NamedTuple

from astrogan.base import AstroganError
from astrogan.evaluation import METRICS, Estimate, Metric, Results, metrics_in
from astrogan.experiments.catalogue import TaskName, is_baseline, label, position, rows_in, short, trainings_of
from astrogan.files import write_json
from astrogan.report.index import MADE
from astrogan.report.paper import rows
from astrogan.report.tables.cells import BOLD, conditions, grouped, headings, measured_part, sides
from astrogan.report.tables.layout import Line, Part, Table, Value, dash
from astrogan.rows import own_row

UPSCALER_PAIR = "upscaler-bicubic"
PAIRS = {
    "improved-grey": (rows.IMPROVED, rows.GREY),
    "improved-table": (rows.IMPROVED, rows.TABLE),
    "improved-finetuned": (rows.IMPROVED, rows.FINETUNED),
    "improved-hubble": (rows.IMPROVED, rows.HUBBLE),
    "finetuned-grey": (rows.FINETUNED, rows.GREY),
    "finetuned-table": (rows.FINETUNED, rows.TABLE),
    "finetuned-hubble": (rows.FINETUNED, rows.HUBBLE),
    "folds-grey": (rows.IMPROVED_IN_FOLDS, rows.GREY_IN_FOLDS),
    "folds-table": (rows.IMPROVED_IN_FOLDS, rows.TABLE_IN_FOLDS),
    "folds-supervised-table": (rows.SUPERVISED_IN_FOLDS, rows.TABLE_IN_FOLDS),
    "observatory-supervised-table": (rows.OBSERVATORY_SUPERVISED, rows.OBSERVATORY_TABLE),
    "observatory-grey": (rows.OBSERVATORY, rows.OBSERVATORY_GREY),
    "observatory-table": (rows.OBSERVATORY, rows.OBSERVATORY_TABLE),
}
"""What is compared in colour: the name of the pair to its rows."""

_TITLES: dict[TaskName, str] = {"colour": "Colourization", "upscale": "Super-resolution"}


class Compared(NamedTuple):
    """Two rows of a task, and by metric their difference (first minus second) or the reason why there is none."""

    task: TaskName
    first: str
    second: str
    cells: dict[str, Estimate | str]


def save_better(run: Path | str, decidable: bool = True) -> dict[str, str]:
    """Write `tables/better.md`, `tables/recipes.md` (and `.csv`), and `better.json` for the prose; table name to "made".

    `better.json` holds, for each pair `<name>` and metric, `value`, `low`, `high`, `p` (first minus second) and `verdict`:
    better, worse or undecided, or nulls; the `reasons` of nulls by `<name>.<metric>`; and `best_upscaler`, the row of
    ours with the highest PSNR. Unless the run is `decidable`, and so are the groups of its intervals, every verdict is
    undecided.
    """
    folder = Results.open(run)
    found = _compared(folder)
    decidable &= all(folder.measured(pair.first).groups.decidable for pair in found.values())
    for table in (better_table(found, decidable), recipes_table(folder)):
        table.save(folder)
    written: dict[str, Any] = {"reasons": {}}
    for name, pair in found.items():
        written[name] = {}
        for metric, cell in pair.cells.items():
            if isinstance(cell, str):
                written["reasons"][f"{name}.{metric}"] = cell
                written[name][metric] = dict.fromkeys((*Estimate._fields, "verdict"))
            else:
                written[name][metric] = cell._asdict() | {"verdict": verdict(metric, cell, decidable)}
    if best := best_upscaler(folder):
        written["best_upscaler"] = {"row": best, "label": label(best)}
    write_json(folder.record_file("better"), written)
    return {"better": MADE, "recipes": MADE}


def best_upscaler(run: Results) -> str | None:
    """The row of ours with the highest PSNR on the test tiles; None where none was run."""
    psnr = {row: run.metrics[row]["values"]["psnr"] for row in rows_in("table6") if row in run.metrics}
    ours = {row: value for row, value in psnr.items() if value is not None and not is_baseline(row)}
    return max(ours, key=ours.__getitem__, default=None)


def verdict(metric: str, estimate: Estimate, decidable: bool = True) -> str:
    """`better` or `worse` (the first of a pair) when it is decidable and the interval leaves zero out, else `undecided`.

    Also `undecided` by a metric of which neither side is better.
    """
    side = METRICS[metric].better
    known = decidable and side is not None and estimate.low is not None and estimate.high is not None
    if not known or estimate.low <= 0 <= estimate.high:
        return "undecided"
    return "better" if (estimate.low > 0) == (side == "higher") else "worse"


def better_table(found: dict[str, Compared], decidable: bool = True) -> Table:
    """The table of paired differences, unnumbered: one part for colour, one for super-resolution."""
    parts = []
    for task, title in _TITLES.items():
        lines = tuple(
            Line(
                (f"{short(pair.first)} minus {short(pair.second)}",),
                tuple(_value(metric, cell, decidable) for metric, cell in pair.cells.items()),
            )
            for pair in found.values()
            if pair.task == task
        )
        if lines:
            parts.append(Part(("Difference",), headings(_metrics(task)), lines, title))
    remark = (
        "Differences on the same test tiles, each with the 95 % interval of the paired difference and, below it, the verdict "
        "on the first of the two: undecided where the interval holds zero. Bold: decided. "
        f"{sides(_metrics('colour') + _metrics('upscale'))}"
    )
    return Table("better", "", tuple(parts), (remark if parts else "No pair of rows was run.",))


def recipes_table(run: Results) -> Table:
    """The candidates on validation tiles, unnumbered; baselines first."""
    metrics = metrics_in("recipes")
    tried = [
        row
        for row, record in run.metrics.items()
        if record.get("split") == "valid" and own_row(row) in rows_in("recipes")
    ]
    rows = grouped(sorted(tried, key=position))
    part = measured_part(run, rows, metrics, head="Candidate")
    said = (
        f"On validation tiles: no candidate was measured on the test's. {conditions(run, rows)}",
        f"{sides(metrics)} {BOLD}",
    )
    return Table("recipes", "", (part,), said if rows else ("This profile tries no other recipe.",))


def _metrics(task: TaskName) -> tuple[Metric, ...]:
    return metrics_in(f"better-{task}")


def _compared(run: Results) -> dict[str, Compared]:
    best = best_upscaler(run)
    pairs: dict[str, tuple[TaskName, str, str]] = {name: ("colour", *pair) for name, pair in PAIRS.items()}
    if best:
        pairs[UPSCALER_PAIR] = ("upscale", best, rows.BICUBIC)
    return {
        name: Compared(task, first, second, {m.name: _difference(run, first, second, m.name) for m in _metrics(task)})
        for name, (task, first, second) in pairs.items()
        if run.holds(first) and run.holds(second)
    }


def _difference(run: Results, first: str, second: str, metric: str) -> Estimate | str:
    try:
        return run.difference(trainings_of(run, first), trainings_of(run, second), metric)[0]
    except AstroganError as reason:
        return str(reason)


def _value(name: str, cell: Estimate | str, decidable: bool) -> Value:
    if isinstance(cell, str):
        return dash(cell)
    metric = METRICS[name]
    # a difference is smaller than what it is of
    bounds = (None if each is None else metric.scale * each for each in (cell.value, cell.low, cell.high))
    said = verdict(name, cell, decidable)
    return Value(*bounds, metric.digits + 1, best=said != "undecided", word=said)
