"""An evaluation as plain text for a terminal."""

from typing import Any

from astrogan.evaluation.metrics import METRICS, Metric
from astrogan.evaluation.metrics.wrapped import as_printed

_PARTS = {
    "headline": "",
    "corrected": "Corrected (RGB on 0-255, ab in CIE units; bias = prediction - truth)",
    "published": "As published (truth - prediction modulo 256; ab / 110; cut, not rounded)",
}
_WIDTH = 22
_DASH = "–"


def summary(record: dict[str, Any]) -> str:
    """The numbers of `evaluate`, with intervals in brackets; a dash where there is none, and the reasons below."""
    size = record["size"] if isinstance(record["size"], int) else " x ".join(map(str, reversed(record["size"])))
    lines = [f"{record['n']} pairs of {size} px; 95 % intervals over {record['group_count']} {record['groups']}"]
    for part, title in _PARTS.items():
        lines += ["", title] if title else [""]
        indent = "  " * bool(title)
        lines += [
            f"{indent + metric.heading:<{_WIDTH}}{_value(metric, record)}"
            for metric in METRICS.values()
            if metric.part == part
        ]
    if record["identical_pairs"]:
        lines += ["", f"{record['identical_pairs']} identical pairs are left out of PSNR."]
    for title, texts in (("Methods", record["methods"]), ("Not computed", record["reasons"])):
        if texts:
            lines += ["", title, *(f"  {name}: {text}" for name, text in texts.items())]
    return "\n".join(lines + [f"\nNote: {note}." for note in record["notes"]])


def _value(metric: Metric, record: dict[str, Any]) -> str:
    value, interval = record["values"][metric.name], record["intervals"][metric.name]
    if value is None:
        return f"{_DASH:>12}"
    digits = metric.digits if metric.cut is None else metric.cut
    shown, *bounds = (f"{metric.scale * each:.{digits}f}" for each in (value, *(interval or ())))
    if metric.cut is not None:
        shown = as_printed(value, metric.cut)
    return f"{shown:>12}  [{', '.join(bounds)}]" if bounds else f"{shown:>12}"
