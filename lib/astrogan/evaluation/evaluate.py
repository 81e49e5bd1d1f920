"""Every metric for one set of predictions: its measures, one JSON-ready record of values and intervals, and that as text."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from astrogan.base import AstroganError
from astrogan.evaluation.comparison import FEWEST_GROUPS, Estimate, estimates
from astrogan.evaluation.folders import read_folders
from astrogan.evaluation.intervals import Groups, groups_of
from astrogan.evaluation.measures import Measures, measure
from astrogan.evaluation.metrics import METRICS, Metric, Unavailable
from astrogan.evaluation.metrics.wrapped import as_printed
from astrogan.evaluation.populations import Keep, by_network, distances
from astrogan.models.weights import Find, resolve
from astrogan.tasks import TASKS
from astrogan.tasks.predictions import Predictions

_PARTS = {
    "headline": "",
    "corrected": "Corrected (RGB on 0-255, ab in CIE units; bias = prediction - truth)",
    "published": "As published (truth - prediction modulo 256; ab / 110; cut, not rounded)",
}
_WIDTH = 22
_DASH = "–"


class Evaluation(NamedTuple):
    """What `evaluate` found: the contents of a metrics file, and the measures of every tile."""

    record: dict[str, Any]
    measures: Measures


def evaluate(
    predictions: Predictions,
    fast: bool = False,
    *,
    groups: Groups | None = None,
    without: Collection[str] | Mapping[str, str] = (),
    find: Find = resolve,
    networks: Mapping[str, Any] = MappingProxyType({}),
    seed: int = 0,
    announce: Callable[[str], None] = lambda _step: None,
    keep: Keep = lambda _key, make: make(),
    task: str | None = None,
    degradation: str = "bicubic",
) -> Evaluation:
    """All metrics with 95 % intervals; what cannot be computed is None, and `reasons` says why.

    Args:
        predictions: outputs and truth.
        fast: bfloat16 networks where the hardware has it.
        groups: what to resample; observations by default.
        without: metrics to leave out, of those that are `skippable`; a mapping gives their reasons.
        find: how to look the weights of networks up; offline by default.
        networks: in place of those of distances between populations, by metric (`fid` for KID's), for tests and benchmarks.
        seed: of the draws; two rows with the same seed and groups pair up.
        announce: called with the name of each step before it starts.
        keep: where features of the truth are kept.
        task: the half of the paper that the outputs are of, whose metrics are measured; all where it is not known.
        degradation: what made the inputs of super-resolution of the truth.

    Returns:
        The measures, and a record: `values` and `intervals` by metric, with `reasons` for what is None (those of all
        intervals under `interval`); and `n`, `size` (px), `task`, `observations`, `groups`, `group_count`, `decidable`,
        `identical_pairs`, `methods`, `notes`.
    """
    skippable = [metric.name for metric in METRICS.values() if metric.skippable]
    if unknown := set(without) - set(skippable):
        raise AstroganError(f"'{min(unknown)}' cannot be left out; 'without' takes {', '.join(skippable)}")
    if task not in (None, *TASKS):
        raise AstroganError(f"no task is called '{task}'; known are {', '.join(TASKS)}")
    groups = groups or groups_of(predictions.observation)
    reasons = dict(without) if isinstance(without, Mapping) else dict.fromkeys(without, "left out, as asked")
    foreign = {name: metric for name, metric in METRICS.items() if not metric.of(task)}
    reasons |= {name: f"measured for the task {' and '.join(each.tasks)} alone" for name, each in foreign.items()}

    wanted = [name for name in METRICS if name not in reasons]
    measures, missing = measure(predictions, wanted, find, announce, degradation)
    reasons |= missing
    methods: dict[str, str] = {}
    for metrics in by_network([name for name in wanted if METRICS[name].kind == "population"]):
        announce(", ".join(metric.label for metric in metrics))
        try:
            each, how = distances(metrics, predictions, fast, find, networks, keep)
            measures, methods = measures | each, methods | how
        except Unavailable as reason:
            reasons |= dict.fromkeys((metric.name for metric in metrics), str(reason))
    known = [METRICS[name] for name in wanted if set(METRICS[name].measures) <= measures.keys()]
    pairs = [metric for metric in known if metric.method and metric.name not in methods]
    methods |= {metric.name: metric.method.format(degradation=degradation) for metric in pairs}
    found = estimates(measures, known, groups, seed)
    values = {metric.name: _value(metric, found[metric.name], reasons) for metric in known}
    intervals = {name: _interval(METRICS[name], found[name]) for name in values if values[name] is not None}
    if groups.count < FEWEST_GROUPS:
        reasons["interval"] = f"one of the {groups.kind} alone cannot be resampled; an interval needs two or more"
    height, width = predictions.size
    record = {
        "n": len(predictions),
        "size": height if height == width else [height, width],
        "task": task,
        "observations": len(np.unique(predictions.observation)),
        "groups": groups.kind,
        "group_count": groups.count,
        "decidable": groups.decidable,
        "identical_pairs": int((measures["rgb_squared"] == 0).sum()),
        "values": {name: values.get(name) for name in METRICS},
        "intervals": {name: intervals.get(name) for name in METRICS},
        "reasons": reasons,
        "methods": methods,
        "notes": [groups.note] if groups.note else [],
    }
    return Evaluation(record, measures)


def evaluate_folders(
    truth: Path | str, output: Path | str, groups_csv: Path | str | None = None, fast: bool = False, **options: Any
) -> dict[str, Any]:
    """The record of `evaluate` (whose `options` it takes) for two folders of images matched by name.

    Intervals are over images, or over the groups of `groups_csv` (columns `file` and `group`). The files stand for both
    readings of the output: corrected and as published.
    """
    predictions = read_folders(Path(truth), Path(output), Path(groups_csv) if groups_csv else None)
    groups = groups_of(predictions.observation, kind="groups" if groups_csv else "images")
    return evaluate(predictions, fast, groups=groups, **options).record


def summary(record: dict[str, Any]) -> str:
    """The numbers of `evaluate`, with intervals in brackets; a dash where there is none, and the reasons below."""
    size = record["size"] if isinstance(record["size"], int) else " x ".join(map(str, reversed(record["size"])))
    lines = [f"{record['n']} pairs of {size} px; 95 % intervals over {record['group_count']} {record['groups']}"]
    for part, title in _PARTS.items():
        lines += ["", title] if title else [""]
        indent = "  " * bool(title)
        lines += [
            f"{indent + metric.heading:<{_WIDTH}}{_printed(metric, record)}"
            for metric in METRICS.values()
            if metric.part == part and metric.of(record["task"])
        ]
    if record["identical_pairs"]:
        lines += ["", f"{record['identical_pairs']} identical pairs are left out of PSNR."]
    foreign = [name for name, metric in METRICS.items() if not metric.of(record["task"])]
    reasons = {name: text for name, text in record["reasons"].items() if name not in foreign}
    for title, texts in (("Methods", record["methods"]), ("Not computed", reasons)):
        if texts:
            lines += ["", title, *(f"  {name}: {text}" for name, text in texts.items())]
    return "\n".join(lines + [f"\nNote: {note}." for note in record["notes"]])


def _value(metric: Metric, estimate: Estimate, reasons: dict[str, str]) -> float | None:
    if not np.isfinite(estimate.value):
        reasons[metric.name] = metric.nowhere
        return None
    return float(metric.finish(estimate.value)) if metric.finish else estimate.value


def _interval(metric: Metric, estimate: Estimate) -> list[float] | None:
    if estimate.low is None or not np.isfinite(estimate.low):
        return None
    # the interval of a distance that cannot be negative ends at zero
    ends = metric.kind == "population" and not metric.signed
    return [max(estimate.low, 0.0) if ends else estimate.low, estimate.high]


def _printed(metric: Metric, record: dict[str, Any]) -> str:
    value, interval = record["values"][metric.name], record["intervals"][metric.name]
    if value is None:
        return f"{_DASH:>12}"
    digits = metric.digits if metric.cut is None else metric.cut
    shown, *bounds = (f"{metric.scale * each:.{digits}f}" for each in (value, *(interval or ())))
    if metric.cut is not None:
        shown = as_printed(value, metric.cut)
    return f"{shown:>12}  [{', '.join(bounds)}]" if bounds else f"{shown:>12}"
