"""Is ours better? Paired differences between our recipe, the paper's, and the trivial baselines, on the same tiles.

Also the candidates among which the recipe was chosen: they are measured on validation tiles, never on the test's.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from astrogan.base import AstroganError
from astrogan.evaluation import comparison
from astrogan.evaluation.comparison import Estimate
from astrogan.evaluation.perceptual import load_lpips, lpips_distances
from astrogan.evaluation.results import Results
from astrogan.evaluation.unavailable import Unavailable
from astrogan.experiments.catalogue import label, position, rows_in
from astrogan.files import write_json
from astrogan.report.claims.distances import distance_difference
from astrogan.report.index import MADE
from astrogan.report.paper import rows
from astrogan.report.recorded import weights_of
from astrogan.report.tables.cells import count, measured, score
from astrogan.report.tables.layout import Line, Part, Table, Value, dash, text
from astrogan.tasks.predictions import load_predictions

DIGITS = {"fwd": 4, "lpips": 4, "mae_rgb": 2, "psnr": 2}
WORDS = {"fwd": "FWD", "lpips": "LPIPS", "mae_rgb": "MAE, RGB", "psnr": "PSNR, dB"}
COLOUR, UPSCALED = ("fwd", "lpips", "mae_rgb"), ("psnr", "lpips", "fwd")
HIGHER_IS_BETTER = {"psnr"}
PAIRS = {
    "improved-grey": (rows.IMPROVED, rows.GREY, COLOUR),
    "improved-finetuned": (rows.IMPROVED, rows.FINETUNED, COLOUR),
    "improved-hubble": (rows.IMPROVED, rows.HUBBLE, COLOUR),
    "finetuned-grey": (rows.FINETUNED, rows.GREY, COLOUR),
    "finetuned-hubble": (rows.FINETUNED, rows.HUBBLE, COLOUR),
}
"""What is compared in colour: the name of the pair to its rows and metrics."""
UPSCALER_PAIR = "upscaler-bicubic"
HEADLINE = (rows.GREY, rows.FINETUNED, rows.IMPROVED)
"""The colour rows of the README's table."""
FILE = "better.json"


def save_better(run: Path | str, decidable: bool = True) -> dict[str, str]:
    """Write `tables/better.md`, `tables/recipes.md` (and `.csv`), and `better.json` for the prose; table name to "made".

    `better.json` holds, for each pair `<name>` and metric, `value`, `low`, `high` (first minus second) and `verdict`:
    better, worse or undecided, or nulls; the `reasons` of nulls by `<name>.<metric>`; `mae_rgb` of the rows of the headline,
    with intervals; and `best_upscaler`, the row of ours with the highest PSNR. Unless the run is `decidable`, and so are
    the groups of its intervals, every verdict is undecided.
    """
    folder = Results.open(run)
    found = {name: _compare(folder, *pair) for name, pair in _pairs(folder).items()}
    decidable &= all(folder.measured(first).groups.decidable for (first, _), _ in found.values())
    better_table(found, decidable).save(folder.path / "tables")
    recipes_table(folder).save(folder.path / "tables")
    best = best_upscaler(folder)
    cells = {(name, metric): cell for name, (_, pair) in found.items() for metric, cell in pair.items()}
    written: dict[str, Any] = {
        "reasons": {f"{name}.{metric}": cell for (name, metric), cell in cells.items() if isinstance(cell, str)}
    }
    for (name, metric), cell in cells.items():
        written.setdefault(name, {})[metric] = _record(metric, cell, decidable)
    # the README's, over all channels: metrics files have them by channel
    written["mae_rgb"] = {row: _mean(folder, row) for row in HEADLINE if folder.holds(row)}
    if best:
        written["best_upscaler"] = {"row": best, "label": label(best)}
    write_json(folder.path / FILE, written)
    return {"better": MADE, "recipes": MADE}


def best_upscaler(run: Results) -> str | None:
    """The row of ours with the highest PSNR on the test tiles; None where none was run."""
    ours = [
        row for row in rows_in("table6") if row != rows.BICUBIC and run.metrics.get(row, {}).get("psnr") is not None
    ]
    return max(ours, key=lambda row: run.metrics[row]["psnr"], default=None)


def verdict(metric: str, estimate: Estimate, decidable: bool = True) -> str:
    """`better` or `worse` (the first of a pair) when it is decidable and the interval leaves zero out, else `undecided`."""
    if not decidable or estimate.low is None or estimate.high is None or estimate.low <= 0 <= estimate.high:
        return "undecided"
    return "better" if (estimate.low > 0) == (metric in HIGHER_IS_BETTER) else "worse"


def better_table(found: dict[str, tuple[tuple[str, str], dict[str, Estimate | str]]], decidable: bool = True) -> Table:
    """The table of paired differences, unnumbered: one part for colour, one for super-resolution."""
    parts = []
    for metrics, title in ((COLOUR, "Colourization"), (UPSCALED, "Super-resolution")):
        lines = [
            Line((label(first), label(second)), tuple(_value(metric, cells[metric], decidable) for metric in metrics))
            for (first, second), cells in found.values()
            if set(cells) == set(metrics)
        ]
        if lines:
            heads = tuple(WORDS[metric] for metric in metrics)
            parts.append(Part(("First", "Second"), heads, tuple(lines), title, words=True))
    if not parts:
        parts = [Part(("First", "Second"), ("Difference",), (Line(("none", "none"), (dash("no pair was run"),)),))]
    remark = (
        "First minus second on the same test tiles, with the 95 % interval of the paired difference; the verdict is on the "
        "first, and undecided where the interval holds zero. Lower is better, but for PSNR."
    )
    return Table("better", "", tuple(parts), (remark,))


def recipes_table(run: Results) -> Table:
    """The candidates on validation tiles, unnumbered; a dash where the profile tried none."""
    tried = [row for row, metrics in run.metrics.items() if metrics.get("split") == "valid"]
    lines = [
        Line(
            (label(row),),
            (
                score(run, row, "fwd", digits=4),
                score(run, row, "lpips", digits=4),
                measured(run, row, "mae_rgb"),
                measured(run, row, "mae_ab"),
                count(run, row),
            ),
        )
        for row in sorted(tried, key=position)
    ]
    if not lines:
        lines = [Line(("none",), (dash("this profile tries no other recipe"),) * 5)]
    return Table(
        "recipes",
        "",
        (Part(("Candidate",), ("FWD", "LPIPS", "MAE, RGB", "MAE, ab", "N"), tuple(lines)),),
        ("On validation tiles: no candidate was measured on the test's. Square brackets: 95 % intervals.",),
    )


def _mean(run: Results, row: str) -> dict[str, float | None]:
    found = run.measured(row)
    return comparison.mean(found.values["mae_rgb"], found.groups)._asdict()


def _pairs(run: Results) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    best = best_upscaler(run)
    pairs = PAIRS | ({UPSCALER_PAIR: (best, rows.BICUBIC, UPSCALED)} if best else {})
    return {name: pair for name, pair in pairs.items() if run.holds(pair[0]) and run.holds(pair[1])}


def _compare(
    run: Results, first: str, second: str, metrics: tuple[str, ...]
) -> tuple[tuple[str, str], dict[str, Estimate | str]]:
    """The pair, and per metric its difference or the reason why there is none."""
    measures: dict[str, Callable[[], Estimate]] = {
        "fwd": lambda: distance_difference(run, first, second, "fwd")[0],
        "lpips": lambda: _lpips_difference(run, first, second),
    }
    cells: dict[str, Estimate | str] = {}
    for metric in metrics:
        try:
            cells[metric] = measures.get(metric, lambda m=metric: _measure_difference(run, first, second, m))()
        except (AstroganError, Unavailable) as reason:
            cells[metric] = str(reason)
    return (first, second), cells


def _measure_difference(run: Results, first: str, second: str, name: str) -> Estimate:
    one, two = run.paired(first, second)
    return comparison.difference(one.values[name], two.values[name], one.groups)


def _lpips_difference(run: Results, first: str, second: str) -> Estimate:
    one, two = run.measured(first), run.measured(second)
    if not np.array_equal(one.tile, two.tile):
        raise AstroganError(f"{first} and {second} hold different tiles, so they cannot be compared in pairs")
    values = [_lpips(*run.stamp(row)) for row in (first, second)]
    return comparison.difference(*values, one.groups)


@lru_cache(maxsize=16)
def _lpips(path: Path, _written: int) -> np.ndarray:
    predictions = load_predictions(path)
    return lpips_distances(load_lpips(weights_of(path)), predictions.truth, predictions.rounded)


def _value(metric: str, cell: Estimate | str, decidable: bool) -> Value:
    if isinstance(cell, str):
        return dash(cell)
    return text(f"{Value(*cell, DIGITS[metric]).text()}: {verdict(metric, cell, decidable)}")


def _record(metric: str, cell: Estimate | str, decidable: bool) -> dict[str, Any]:
    if isinstance(cell, str):
        return {"value": None, "low": None, "high": None, "verdict": None}
    return cell._asdict() | {"verdict": verdict(metric, cell, decidable)}
