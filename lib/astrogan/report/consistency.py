"""Do tables that state one quantity twice agree? Asserted of ours, reported of the paper's."""

from typing import NamedTuple

import numpy as np

from astrogan.errors import AstroganError
from astrogan.report.paper import load
from astrogan.report.rows import COLOUR_ROWS, FINETUNED, label
from astrogan.report.run_folder import RunFolder
from astrogan.report.table_layout import Table

_PRINTED = 1e-4
_FLOAT16 = 2**-9


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
            # three numbers cut to four decimals lie up to a unit of the last under; Table 1's own last place adds half
            slack = _PRINTED + 0.5 * 10.0 ** printed.as_tuple().exponent
            agrees = abs(mean - float(printed)) <= slack + (_FLOAT16 if norm == "l2" else 0)
            words = f"{label(row)}: {norm.upper()}, mean of Table 4's channels and Table 1"
            checks.append(Check(words, mean, float(printed), agrees))
    for norm in ("l1", "l2"):
        second = [float(value) for value in paper.value("table2", FINETUNED, f"{norm}_rgb")]
        fourth = [float(value) for value in paper.value("table4", FINETUNED, f"{norm}_rgb")]
        words = f"{label(FINETUNED)}: {norm.upper()}, mean of Table 2's channels and of Table 4's"
        checks.append(Check(words, float(np.mean(second)), float(np.mean(fourth)), second == fourth))
    return checks


def assert_ours(run: RunFolder, second: Table, fourth: Table) -> None:
    """`AstroganError` where our metrics (channels) and predictions (Table 1) differ, or Table 2 from Table 4."""
    for row in COLOUR_ROWS:
        if row not in run.metrics or not run.holds(row):
            continue
        published = run.metrics[row]["published"]
        for norm, tolerance in (("l1", 1e-6), ("l2", _FLOAT16)):
            mean = float(np.mean(published[f"{norm}_rgb"]))
            overall = float(run.measured(row).values[f"published_{norm}_rgb"].mean())
            if not np.isclose(mean, overall, rtol=tolerance, atol=_PRINTED):
                raise AstroganError(
                    f"{run.path}/metrics/{row}.json: the channels' mean {norm.upper()} is {mean:.4f}, its predictions "
                    f"give {overall:.4f}. They are not of one evaluation: run the row's evaluation stage again."
                )
    if _cells(second) != _cells(fourth):
        raise AstroganError(
            "Table 2 differs from the fine-tuned row of Table 4; both are read from one file of metrics."
        )


def _cells(table: Table) -> list[tuple[str | float | None, ...]]:
    name = label(FINETUNED)
    found = [line for part in table.parts for line in part.lines if line.labels[0] == name]
    return [tuple(value.number for value in line.values) for line in found]
