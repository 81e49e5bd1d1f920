"""Tables 1 to 7: the paper's numbers, ours by the paper's arithmetic, and ours corrected."""

from collections.abc import Callable, Collection
from dataclasses import replace

from astrogan.evaluation import METRICS, Metric, Results, metrics_in
from astrogan.evaluation.metrics import COLOURS
from astrogan.experiments.catalogue import rows_in
from astrogan.report.paper.numbers import load
from astrogan.report.tables.cells import (
    BOLD,
    NOT_IN_PAPER,
    conditions,
    grouped,
    measured_part,
    printed,
    row_line,
    scores,
    sides,
    spread,
)
from astrogan.report.tables.layout import Line, Part, Table, Value

HONEST = "Corrected, clipped and rounded outputs on the 0-255 scale"
ARITHMETIC = (
    "The paper's arithmetic: L1 is the mean of (truth - output) modulo 256, L2 the mean of the root of its square "
    "modulo 256; see the audit. Such numbers have no interval here, because a wrapped mean is no error."
)
OF_THE_CAST = "the paper's number is of the unclipped cast, ours of the clipped output; the audit has both"
_NORMS = ("l1", "l2")
_COUNTERPARTS = ("mae", "rmse")
"""What L1 and L2 would be without the wrap."""

_BY_CHANNEL = {"mae": "mean absolute error", "rmse": "root mean square error", "bias": "bias, output minus truth"}

_DEPENDS = "Fréchet distances depend on N and on the tile size: compare rows of one table, not tables of two runs."
_BESIDE = "the paper's and ours by the paper's arithmetic"


def numbered(run: Results, name: str) -> Table:
    """Table `name`, `table1` to `table7`."""
    make, caption = _TABLES[name]
    return make(run, name, caption)


def overall(run: Results, name: str, caption: str) -> Table:
    """Distances over all channels: the published pair; below it MAE, RMSE, and the further metrics of the table."""
    metrics = _joined((METRICS[f"{stem}_rgb"] for stem in _COUNTERPARTS), metrics_in(name))
    first = []
    for row in _shown(run, name):
        prefix = "clipped_" * (row in rows_in("casts"))
        ours = scores(run, row, tuple(f"{prefix}published_{norm}_rgb" for norm in _NORMS))
        first.append(row_line(run, row, (*(_printed(name, row, norm) for norm in _NORMS), *ours)))
    heads = ("L1, paper", "L2, paper", "L1, ours", "L2, ours")
    title = HONEST + ", ab in CIE units" * any(metric.name.endswith("_ab") for metric in metrics)
    seeds = (spread(run, row, ("mae_rgb", "psnr", "published_l1_rgb")) for row in rows_in(name))
    return Table(
        name,
        f"{caption}; below it, corrected",
        (Part(("Model",), heads, tuple(first)), _corrected(run, name, metrics, title)),
        (*_remarks(run, name, metrics), ARITHMETIC, *filter(None, seeds)),
    )


def one_model(run: Results, name: str, caption: str) -> Table:
    """Distances by channel of the one model that the paper's table has; the corrected ones stand in Table 4."""
    rows = tuple(load().tables[name].rows)
    remark = "A part of Table 4, where other rows and the corrected numbers stand."
    return Table(name, caption, (_by_channel(run, name, rows, COLOURS),), (remark,))


def by_channel(run: Results, name: str, caption: str) -> Table:
    """Distances by channel: of RGB on the 0-255 scale or, in Table 3, of ab; below it bias, MAE and RMSE."""
    ab = name == "table3"
    channels = ("a", "b") if ab else COLOURS
    honest = "Corrected, CIE units" if ab else HONEST
    errors = {words: tuple(METRICS[f"{stem}_{channel}"] for channel in channels) for stem, words in _BY_CHANNEL.items()}
    return Table(
        name,
        f"{caption}; below it, corrected",
        (
            _by_channel(run, name, _shown(run, name), channels),
            *(_corrected(run, name, metrics, f"{honest}: {words}") for words, metrics in errors.items()),
        ),
        (*_remarks(run, name, _joined(*errors.values())), *((ARITHMETIC,) * (not ab))),
    )


def distributions(run: Results, name: str, caption: str) -> Table:
    """The paper's FID beside every distance between populations; below them what else the table shows."""
    populations = [metric for metric in METRICS.values() if metric.kind == "population"]
    columns = load().tables[name].columns
    # ours by the paper's own metric stands beside the paper's
    populations.sort(key=lambda metric: metric.name not in columns)
    others = tuple(metric for metric in metrics_in(name) if metric not in populations)
    part = _corrected(run, name, tuple(populations), "", _shown(run, name))
    heads = tuple(f"{METRICS[column].label}, paper" for column in columns)
    lines = tuple(
        replace(line, values=(*(_printed(name, row, column) for column in columns), *line.values))
        for row, line in zip(_shown(run, name), part.lines, strict=True)
    )
    first = replace(part, value_columns=(*heads, *part.value_columns), lines=lines)
    below = (_corrected(run, name, others, "Distances between each output and its truth"),) if others else ()
    return Table(name, caption, (first, *below), (*_remarks(run, name, (*populations, *others)), _DEPENDS))


def _shown(run: Results, name: str) -> tuple[str, ...]:
    """The rows of a table of the paper, by group: those of the run, and those that the paper has."""
    return tuple(row for row in grouped(rows_in(name)) if row in run.metrics or row in load().tables[name].rows)


def _printed(name: str, row: str, column: str) -> Value:
    value = printed(name, row, column)
    return replace(value, reason=OF_THE_CAST) if row in rows_in("casts") and value.number is not None else value


def _corrected(
    run: Results, name: str, metrics: tuple[Metric, ...], title: str, rows: tuple[str, ...] | None = None
) -> Part:
    """A column a metric, then N and seeds; a line a row, those of the run unless given."""
    rows = tuple(row for row in _shown(run, name) if row in run.metrics) if rows is None else rows
    return measured_part(run, rows, metrics, title)


def _by_channel(run: Results, name: str, rows: Collection[str], channels: tuple[str, ...]) -> Part:
    """L1 and L2 of each channel by the paper's arithmetic; the paper's line above ours."""
    space = "rgb" if channels == COLOURS else "ab"
    lines = []
    for row in rows:
        paper = [printed(name, row, f"{norm}_{space}", n) for norm in _NORMS for n in range(len(channels))]
        ours = scores(run, row, tuple(f"published_{norm}_{channel}" for norm in _NORMS for channel in channels))
        line = row_line(run, row, ours, "ours")
        if paper[0].reason != NOT_IN_PAPER:
            lines.append(Line((line.labels[0], "paper"), tuple(paper), group=line.group))
        lines.append(line)
    heads = tuple(f"{norm.upper()}, {channel}" for norm in _NORMS for channel in channels)
    return Part(("Model", "Source"), heads, tuple(lines))


def _remarks(run: Results, name: str, metrics: tuple[Metric, ...]) -> list[str]:
    """On tiles and rows, on bold, and on what metrics are that their labels do not say."""
    titles = "; ".join(f"{metric.label}: {metric.title}" for metric in metrics if metric.title)
    return [conditions(run, rows_in(name)), *([f"{titles}."] if titles else []), f"{sides(metrics)} {BOLD}"]


def _joined(*metrics: Collection[Metric]) -> tuple[Metric, ...]:
    return tuple({metric.name: metric for some in metrics for metric in some}.values())


_TABLES: dict[str, tuple[Callable[[Results, str, str], Table], str]] = {
    "table1": (
        overall,
        f"Colourization: average distance between outputs and truth over all channels of RGB, {_BESIDE}",
    ),
    "table2": (one_model, f"The fine-tuned L*a*b* model by channel of RGB, {_BESIDE}"),
    "table3": (
        by_channel,
        "The L*a*b* models by channel of L*a*b*, in units of 110: the paper's L1 is the signed mean of truth minus "
        "output, its L2 the mean absolute error",
    ),
    "table4": (by_channel, f"The L*a*b* models by channel of RGB, {_BESIDE}"),
    "table5": (distributions, "Colourization: distances between the populations of outputs and originals"),
    "table6": (
        overall,
        f"Super-resolution: average distance between outputs and truth over all channels of RGB, {_BESIDE}",
    ),
    "table7": (distributions, "Super-resolution: distances between the populations of outputs and originals"),
}
NAMES = tuple(_TABLES)
