"""Do tables agree with each other and with what they are of? Asserted of ours, reported of the paper's."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from astrogan.base import AstroganError
from astrogan.evaluation import Results
from astrogan.experiments.catalogue import label, rows_in
from astrogan.report.paper.numbers import load
from astrogan.report.paper.rows import FINETUNED
from astrogan.report.tables.layout import Table, Value

_PRINTED = 1e-4
_FLOAT16 = 2**-9

Norms = dict[str, np.ndarray]
"""`l1` and `l2`, one number a channel."""


class Check(NamedTuple):
    """Two statements of one number; `agrees` within what printing and float16 allow."""

    what: str
    first: float
    second: float
    agrees: bool


def paper_checks() -> list[Check]:
    """The paper's channel means (Table 4) against Table 1, and Table 2 against the fine-tuned row of Table 4."""
    paper = load()
    checks = []
    for row, channels in paper.tables["table4"].rows.items():
        for norm in ("l1", "l2"):
            printed = paper.value("table1", row, norm)
            mean = float(sum(getattr(channels, f"{norm}_rgb"))) / 3
            agrees = abs(mean - float(printed)) <= slack_of(printed) + (_FLOAT16 if norm == "l2" else 0)
            words = f"{label(row)}: {norm.upper()}, mean of Table 4's channels and Table 1"
            checks.append(Check(words, mean, float(printed), agrees))
    for norm in ("l1", "l2"):
        second, fourth = ([*map(float, paper.value(name, FINETUNED, f"{norm}_rgb"))] for name in ("table2", "table4"))
        words = f"{label(FINETUNED)}: {norm.upper()}, mean of Table 2's channels and of Table 4's"
        checks.append(Check(words, float(np.mean(second)), float(np.mean(fourth)), second == fourth))
    return checks


def slack_of(printed: Decimal) -> float:
    """How far a printed mean may lie from that of three channels, which are cut to four decimals and lie up to a unit of
    the last under; its own last place adds half.
    """
    return _PRINTED + 0.5 * 10.0 ** printed.as_tuple().exponent


def assert_ours(run: Results, tables: Mapping[str, Table]) -> None:
    """`AstroganError` where a number that Table 1, 2 or 4 prints as ours is not what the row's predictions give.

    What they give is computed here from the arrays, by numpy's own 8-bit arithmetic, and not by the modules that made
    the tables, `table1` and so on by name. Rows that wrap stand in Table 1 clipped.
    """
    for row in rows_in("table1"):
        if row not in run.metrics or not run.has_pixels(row):
            continue
        predictions = run.predictions(row)
        found = by_uint8(predictions.truth, predictions.floor)
        clipped = by_uint8(predictions.truth, np.clip(predictions.floor, 0, 255))
        shown = _overall(tables["table1"], label(row))
        _agree(run, row, shown, _means(clipped if row in rows_in("casts") else found), "Table 1")
        for name in ("table2", "table4"):
            if printed := _by_channel(tables[name], label(row)):
                _agree(run, row, printed, found, f"Table {name[-1]}")


def by_uint8(truth: np.ndarray, floor: np.ndarray) -> Norms:
    """The published L1 and L2 by channel of uint8 `truth` and int16 `floor`, (N, H, W, 3) each, as numpy has them.

    Differences and squares of uint8 arrays wrap, and the root of a uint8 array is a float16.
    """
    sums = {"l1": np.zeros(3), "l2": np.zeros(3)}
    for one, other in zip(truth, floor.astype(np.uint8), strict=True):
        difference = one - other
        sums["l1"] += difference.sum(axis=(0, 1), dtype=float)
        sums["l2"] += np.sqrt(difference * difference).sum(axis=(0, 1), dtype=float)
    return {norm: total / truth[..., 0].size for norm, total in sums.items()}


def _means(channels: Norms) -> Norms:
    return {norm: values.mean(keepdims=True) for norm, values in channels.items()}


def _overall(table: Table, name: str) -> Norms:
    (line,) = (line for line in table.parts[0].lines if line.labels == (name,))
    columns = dict(zip(table.parts[0].value_columns, line.values, strict=True))
    return {norm: _numbers([columns[f"{norm.upper()}, ours"]]) for norm in ("l1", "l2")}


def _by_channel(table: Table, name: str) -> Norms:
    """Empty where the table has no such row."""
    lines = [line.values for line in table.parts[0].lines if line.labels == (name, "ours")]
    return {norm: _numbers(line[n : n + 3]) for line in lines for norm, n in (("l1", 0), ("l2", 3))}


def _numbers(values: Iterable[Value]) -> np.ndarray:
    return np.array([np.nan if value.number is None else value.number for value in values])


def _agree(run: Results, row: str, printed: Norms, found: Norms, table: str) -> None:
    for norm, tolerance in (("l1", 1e-6), ("l2", _FLOAT16)):
        if not np.allclose(printed[norm], found[norm], rtol=tolerance, atol=1e-9):
            stated, given = (", ".join(f"{value:.4f}" for value in values[norm]) for values in (printed, found))
            raise AstroganError(
                f"{table} gives {norm.upper()} of {row} as {stated}, its predictions give {given}. "
                f"{run.metrics_file(row)} is not of these predictions: run the row's evaluation stage again."
            )
