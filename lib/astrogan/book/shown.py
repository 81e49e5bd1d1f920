"""What the prose says of the run that is shown: metrics as its tables have them, how its tiles were cut, and whether it is older."""

from collections.abc import Mapping
from typing import Any

from astrogan.book.prose import Markdown
from astrogan.data.config import TilesConfig
from astrogan.evaluation import METRICS, Results
from astrogan.report.tables.cells import averaged

_NATIVE = "cut at the images' own resolution, so that a tile shows a small part of an image"


def averages(run: Results) -> dict[str, dict[str, Any]]:
    """The metrics of each row, their values also as keys of the record.

    A value is that of the tables: the mean of the row's trainings, where the measures of all were kept; of the paper's
    arithmetic that of the first training.
    """
    found = {}
    for row, record in run.metrics.items():
        values, rows = dict(record.get("values", {})), averaged(run, row)
        for name in values if len(rows) > 1 else ():
            each = [run.metrics[training]["values"].get(name) for training in rows]
            if METRICS[name].cut is None:
                values[name] = None if None in each else sum(each) / len(each)
        found[row] = record | {"values": values} | values
    return found


def older(data: Mapping[str, Any]) -> Markdown:
    """How a run from before the split by object differs from what the pages say; empty for others."""
    if not _is_older(data):
        return Markdown("")
    words = (
        f"The run shown here is older than what these pages describe. Its tiles were {cutting(data)}. So one object may stand in "
        "training and in test, and where a page says *object*, read *observation*. It has no second sky and no folds, its only "
        "baselines are grey and bicubic interpolation, its intervals are of fewer draws, and its claims were judged by earlier "
        "tests, without asking whether a network was trained and without a correction. What it lacks is a dash."
    )
    return Markdown(f"```{{admonition}} An older run\n:class: caution\n\n{words}\n```")


def cutting(data: Mapping[str, Any]) -> str:
    """How the run's astronomical tiles were cut."""
    if "astronomy" not in data:
        return "– (not in this run)"
    config = data["astronomy"].get("config", {})
    if _is_older(data):
        return f"{_NATIVE}, and they were split by observation (a file and its near-duplicates), not by object"
    if config["native"]:
        return _NATIVE
    sides = " and ".join(map(str, TilesConfig(**config).sides))
    return f"cut from images that were scaled down to a shorter side of {sides} px"


def _is_older(data: Mapping[str, Any]) -> bool:
    """Whether its record is of a version without the parameter `native`, in which images were not scaled."""
    return "astronomy" in data and "native" not in data["astronomy"].get("config", {})
