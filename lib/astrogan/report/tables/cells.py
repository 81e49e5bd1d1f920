"""The cells of our tables: a row's metrics as values with their intervals, and what has to be said of rows and tiles."""

from collections.abc import Collection
from dataclasses import replace

from astrogan.base import AstroganError
from astrogan.evaluation import METRICS, Metric, Results
from astrogan.experiments.catalogue import is_baseline, is_control, label, seeds_of, trainings_of
from astrogan.report.paper.numbers import load
from astrogan.report.tables.layout import Line, Part, Value, dash, signed, text
from astrogan.rows import own_row, parts_of
from astrogan.tasks import TASKS
from astrogan.tasks.baselines import BASELINES

NOT_IN_PAPER = "the paper has no such row"
NOT_RUN = "this row is not in the run"
COUNTS = ("N", "Seeds")
"""The columns of `size_and_seeds`."""
BOLD = (
    "Bold: the best of a column, and what its paired difference with a 95 % interval does not tell from it. None where a "
    "control or a network that was not trained has the best number, or where there are too few objects to tell."
)
_GROUPS = ("Baselines, not trained here", "The paper's models", "Not in the paper")


def score(run: Results, row: str, name: str, digits: int | None = None) -> Value:
    """A metric of the row, the mean of its trainings, with its interval; a dash with the reason where there is none.

    `digits` are the metric's own unless given. Of the paper's arithmetic it is that of the first training, and the page
    shows no interval: a wrapped mean is no error.
    """
    metric, record = METRICS[name], run.metrics.get(row)
    if record is None:
        return dash(why_absent(run, row))
    number, bounds = record["values"].get(name), record["intervals"].get(name)
    if number is None:
        return dash(record["reasons"].get(name) or f"{name} was not computed")
    if metric.cut is None and len(rows := averaged(run, row)) > 1:
        number, low, high, _ = run.estimate(rows, name)
        bounds = None if low is None or high is None else (low, high)
    low, high = (metric.scale * bound for bound in bounds) if bounds else (None, None)
    digits = metric.digits if digits is None else digits
    return Value(metric.scale * number, low, high, digits, alone=metric.cut is not None)


def averaged(run: Results, row: str) -> list[str]:
    """The trainings whose mean stands for the row: all that differ in the seed alone, where their tiles were kept."""
    rows = trainings_of(run, row)
    return rows if all(map(run.holds, rows)) else [row]


def why_absent(run: Results, row: str) -> str:
    """Why the run lacks the row: where it has the baselines of that half, an optional one wanted its extra."""
    baseline = BASELINES.get(row)
    if baseline and baseline.extra and TASKS[baseline.task].baseline in run.metrics:
        return f"the extra `{baseline.extra}` is not installed"
    return NOT_RUN


def scores(run: Results, row: str, names: tuple[str, ...]) -> tuple[Value, ...]:
    """Several metrics of the row."""
    return tuple(score(run, row, name) for name in names)


def rated(run: Results, rows: tuple[str, ...], metrics: tuple[Metric, ...]) -> dict[str, tuple[Value, ...]]:
    """Row to its values of the metrics, those in bold that `BOLD` says."""
    best = {metric.name: _best(run, rows, metric.name) for metric in metrics}
    return {
        row: tuple(replace(score(run, row, name), best=row in found) for name, found in best.items()) for row in rows
    }


def _best(run: Results, rows: Collection[str], name: str) -> set[str]:
    """The rows whose value of a metric is the best, or not told from it by their paired difference; often none."""
    values = {row: score(run, row, name).number for row in rows}
    found = {row: value for row, value in values.items() if value is not None}
    if METRICS[name].better is None or len(found) < 2:
        return set()
    leader = (min if METRICS[name].better == "lower" else max)(found, key=found.__getitem__)
    if _no_contestant(run, leader):
        return set()
    told, level = set(), set()
    for row in found.keys() - {leader}:
        try:
            difference, decidable = run.difference(averaged(run, row), averaged(run, leader), name)
        except AstroganError:  # of other tiles, or without the measures: it cannot be compared
            continue
        if not decidable or difference.low is None or difference.high is None:
            return set()
        (level if difference.low <= 0 <= difference.high else told).add(row)
    return {leader, *(row for row in level if not _no_contestant(run, row))} if told or level else set()


def _no_contestant(run: Results, row: str) -> bool:
    return is_control(row) or not run.metrics[row].get("trained", True)


def group(row: str) -> str:
    """The heading under which the row stands: a baseline, a model of the paper at any phase or seed, or another."""
    if is_baseline(row):
        return _GROUPS[0]
    theirs = {parts_of(name)[0] for table in load().tables.values() for name in table.rows}
    experiment, _, _ = parts_of(row)[0].partition("-seed")
    return _GROUPS[1] if experiment in theirs else _GROUPS[2]


def grouped(rows: Collection[str]) -> tuple[str, ...]:
    """The rows, baselines first, then the paper's models, then the others; each group in the catalogue's order."""
    return tuple(sorted(rows, key=lambda row: _GROUPS.index(group(row))))


def row_line(run: Results, row: str, values: tuple[Value, ...], *labels: str) -> Line:
    """A line of the row, in its group and with what the evaluation says of the row as a whole."""
    return Line((label(row), *labels), values, row_notes(run, row), group(row))


def measured_part(
    run: Results, rows: Collection[str], metrics: tuple[Metric, ...], title: str = "", head: str = "Model"
) -> Part:
    """A line a row, a column a metric, then N and seeds, with the best in bold."""
    values = rated(run, tuple(rows), metrics)
    lines = tuple(row_line(run, row, (*values[row], *size_and_seeds(run, row))) for row in rows)
    return Part((head,), (*headings(metrics), *COUNTS), lines, title, common=COUNTS)


def grid(run: Results, heads: tuple[str, ...], rows: tuple[str, ...], names: tuple[str, ...], title: str = "") -> Part:
    """A part with one line a row and one column a metric; `heads` are the label's and the columns'."""
    lines = tuple(Line((label(row),), scores(run, row, names)) for row in rows)
    return Part(heads[:1], heads[1:], lines, title)


def headings(metrics: tuple[Metric, ...]) -> tuple[str, ...]:
    """The heads of the columns of some metrics."""
    return tuple(metric.heading for metric in metrics)


def sides(metrics: tuple[Metric, ...]) -> str:
    """Which side is better: `Lower is better, but for PSNR and SSIM.`, and of what neither is."""
    higher, neither = (_listed([m.label for m in metrics if m.better == side]) for side in ("higher", None))
    words = f"Lower is better{', but for ' if higher else ''}{higher}."
    return words + (f" Of {neither} neither side is." if neither else "")


def _listed(names: list[str]) -> str:
    *first, last = dict.fromkeys(names) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def printed(table: str, row: str, column: str, channel: int | None = None) -> Value:
    """The paper's number, digit for digit; a dash where its table has no such row."""
    found = load().value(table, row, column)
    if found is None:
        return dash(NOT_IN_PAPER)
    return text(found if channel is None else found[channel])


def size_and_seeds(run: Results, row: str) -> tuple[Value, Value]:
    """How many tiles the row was evaluated on, and the seeds of the trainings that its numbers are the mean of."""
    record = run.metrics.get(row)
    if record is None:
        return (dash(why_absent(run, row)),) * 2
    if is_baseline(row):
        seeds = dash("trained by its makers" if BASELINES[own_row(row)].extra else "a baseline is not trained")
    else:
        named = ", ".join(str(seed) for each in averaged(run, row) for seed in run.metrics[each]["seeds"])
        seeds = text(named) if named else dash("the row names no seed")
    return Value(record["n"], digits=0), seeds


def row_notes(run: Results, row: str) -> tuple[str, ...]:
    """What the evaluation says of the row as a whole, such as an encoder that began from random weights."""
    return tuple(run.metrics.get(row, {}).get("notes", ()))


def conditions(run: Results, rows: tuple[str, ...]) -> str:
    """On the tiles, on what the intervals are over, and on the rows that are not there, from the rows' own metrics."""
    held = [run.metrics[row] for row in rows if row in run.metrics]
    if not held:
        return "No row of this table was run."
    seen = sorted({(str(item["size"]), item["observations"], item["groups"]) for item in held})
    parts = [
        f"{size} px tiles of {observations} observation{'s' if observations != 1 else ''}, intervals over {groups}"
        for size, observations, groups in seen
    ]
    absent: dict[str, list[str]] = {}
    for row in (row for row in rows if row not in run.metrics):
        absent.setdefault(size_and_seeds(run, row)[0].reason, []).append(label(row))
    missing = [
        f"Not in this run: {'; '.join(names)}{'' if why == NOT_RUN else f' ({why})'}." for why, names in absent.items()
    ]
    return " ".join([f"Square brackets: 95 % intervals. {'; '.join(parts)}. N: number of tiles.", *missing])


def spread(run: Results, row: str, names: tuple[str, ...]) -> str | None:
    """How far the row's metrics move with the seed; None where one seed was run."""
    rows = [name for name in (row, *seeds_of(row)) if name in run.metrics]
    if row not in rows or len(rows) < 2:
        return None
    seen = ", ".join(str(seed) for name in rows for seed in run.metrics[name]["seeds"])
    ranges = []
    for name in names:
        found = [value.number for row in rows if (value := score(run, row, name)).number is not None]
        if found:
            digits = METRICS[name].digits
            ranges.append(f"{METRICS[name].label} {signed(min(found), digits)} to {signed(max(found), digits)}")
    return f"{label(row)}, over the seeds {seen}: {'; '.join(ranges)}."
