"""What the printed digits say of the arithmetic: which numbers it can produce, how likely any other passes, and a grade.

The root of an 8-bit array is a float16 in numpy, and so is its mean: there are 1,024 such numbers from one power of two to
the next. A cell passes where one of them prints so, by the rule that all cells of its table follow.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from functools import cache
from math import floor, log2, prod

import numpy as np

from astrogan.evaluation import Results
from astrogan.evaluation.metrics import COLOURS
from astrogan.experiments.catalogue import label
from astrogan.report.audit import Grade, Item, without_intervals
from astrogan.report.paper import rows
from astrogan.report.paper.consistency import slack_of
from astrogan.report.paper.numbers import Table, load
from astrogan.report.tables.cells import score
from astrogan.report.tables.layout import Line, Part, dash, escape, text

SURE = 1e-3
"""The joint chance of an accident up to which a table is `verified`."""

RULES: dict[str, Callable[[np.float16, Decimal], Decimal]] = {
    "cut": lambda number, step: Decimal(float(number)).quantize(step, ROUND_DOWN),
    "shortest print": lambda number, _step: Decimal(str(number)),
}
"""How a float16 becomes digits: cut after some decimals, or as numpy prints it."""

_FLOATS = 1024  # float16 numbers from a power of two up to the next
Tables = Mapping[str, Table]


@dataclass(frozen=True)
class Fingerprint:
    """Cells of a table and what their digits say. `rule` is None where no rule can print them all."""

    of: str
    cells: tuple[Decimal, ...]
    rule: str | None
    chances: tuple[float, ...]
    """Of each cell: the share of numbers of so many decimals, from its power of two to the next, that would pass."""
    tried: int = len(RULES)
    """How many rules there were to choose from, by which the joint chance grows."""

    @property
    def joint(self) -> float:
        """The chance that arbitrary numbers of so many decimals all pass by one rule."""
        return prod(self.chances)

    @property
    def grade(self) -> Grade:
        """`verified` where an accident is out of the question, `unknown` where a cell cannot come from the arithmetic."""
        if self.rule is None:
            return "unknown"
        return "verified" if self.tried * self.joint <= SURE else "inferred"


@cache
def producible(rule: str, power: int, decimals: int) -> frozenset[Decimal]:
    """The numbers of at most so many decimals, from 2^power up to the next power, that a float16 prints as by `rule`."""
    step = Decimal(1).scaleb(-decimals)
    floats = (2.0**power * (1 + np.arange(_FLOATS) / _FLOATS)).astype(np.float16)
    prints = (RULES[rule](number, step) for number in floats)
    return frozenset(each for each in prints if each == each.quantize(step, ROUND_DOWN))


def passes(printed: Decimal, rule: str) -> bool:
    """Whether a float16 prints so by `rule`."""
    return printed in producible(rule, _power(printed), _decimals(printed))


def chance(printed: Decimal, rule: str) -> float:
    """The share of numbers of as many decimals, from the power of two below `printed` to the next, that pass."""
    every = 2.0 ** _power(printed) * 10 ** _decimals(printed)
    return min(1.0, len(producible(rule, _power(printed), _decimals(printed))) / every)


def fingerprint(of: str, cells: tuple[Decimal, ...]) -> Fingerprint:
    """By the rule that prints all cells, the less likely one where both do."""
    found = {rule: tuple(chance(cell, rule) for cell in cells) for rule in RULES if all(passes(c, rule) for c in cells)}
    rule = min(found, key=lambda each: prod(found[each]), default=None)
    return Fingerprint(of, cells, rule, found[rule] if rule else ())


def fingerprints(tables: Tables | None = None) -> list[Fingerprint]:
    """Of Tables 4, 2, 1 and 6 (`tables`: the paper's); the L*a*b* rows of Table 1 by the channels of Table 4."""
    tables = tables or load().tables
    fourth, second = (
        fingerprint(f"Table {n}", tuple(v for row in tables[f"table{n}"].rows.values() for v in row.l2_rgb))
        for n in (4, 2)
    )
    colour = tables["table1"].rows.values()
    return [
        fourth,
        second,
        _channel_means(tables, fourth),
        fingerprint("Table 1 in RGB", tuple(row.l2 for row in colour if row.space == "RGB")),
        fingerprint("Table 6", tuple(row.l2 for row in tables["table6"].rows.values())),
    ]


def grades(tables: Tables | None = None) -> dict[Grade, list[str]]:
    """Grade to the tables of which the wrap-around has it."""
    found: dict[Grade, list[str]] = {}
    for each in fingerprints(tables):
        found.setdefault(each.grade, []).append(each.of)
    return found


def float16(run: Results) -> Item:
    """Each table's fingerprint with its grade, the cells behind it, and this run's L2 by the same arithmetic."""
    summary, cells = [], []
    for found in fingerprints():
        decimals = " and ".join(map(str, sorted({_decimals(cell) for cell in found.cells})))
        each = " to ".join(dict.fromkeys(map(_shown, (min(found.chances), max(found.chances)))))
        shown = (len(found.cells), decimals, found.rule, each, _shown(found.joint), found.grade)
        summary.append(Line((found.of,), tuple(map(text, shown))))
    for name in ("table4", "table1", "table6"):
        named = [
            (", ".join(filter(None, (label(row), channel))), printed)
            for row, entry in load().tables[name].rows.items()
            for printed, channel in zip(entry.l2_rgb or (entry.l2,), COLOURS if entry.l2_rgb else ("",), strict=True)
        ]
        rule = fingerprint(name, tuple(printed for _, printed in named)).rule
        cells += [_cell(words, name, printed, rule) for words, printed in named]
    names = [f"published_l2_{channel}" for channel in COLOURS]
    ours = [
        Line((label(row),), without_intervals(score(run, row, name, digits=10) for name in names))
        for row in (rows.PRETRAINED, rows.FINETUNED)
    ]
    return Item(
        "float16",
        "L2 distances as the tables print them",
        "All six L2 values of Table 4 are 16-bit floating-point numbers cut to four decimals, which is what the root of an "
        "8-bit array gives in numpy; a metric in 32 or 64 bits would not. Cells of two or three decimals say little or "
        "nothing by themselves",
        graded(),
        (
            Part(
                ("Cells of",), ("Cells", "Decimals", "Printed", "Chance, one", "Chance, all", "Grade"), tuple(summary)
            ),
            Part(("L2 of", "In"), ("Printed", "float16 number", "By", "Chance"), tuple(cells), "Cell by cell"),
            Part(("Model",), ("Red", "Green", "Blue"), tuple(ours), "This run's L2 by the same arithmetic, in full"),
        ),
        (
            "Chance: the share of numbers of so many decimals, from one power of two to the next, that would pass too; in the "
            f"L*a*b* rows of Table 1, of those between the least and the greatest channel. Verified: up to {SURE:g} for all "
            f"cells together, times the {len(RULES)} rules that were tried. Unknown: a cell cannot come from the arithmetic. "
            "L1 leaves no such trace: it is a mean of millions of whole numbers, and any four decimals can be had.",
        ),
    )


def graded(tables: Tables | None = None) -> str:
    """The grades in words: `verified (Table 4, Table 2); inferred (Table 6)`."""
    return "; ".join(f"{grade} ({', '.join(of)})" for grade, of in grades(tables).items())


def badges() -> str:
    """The grades as MyST, for the pages."""
    looks = {"verified": "success", "inferred": "info", "unknown": "muted"}
    each = (f"{{bdg-{looks[grade]}}}`{grade}` for {_listed(list(map(escape, of)))}" for grade, of in grades().items())
    return "; ".join(each)


def float16_of(printed: Decimal, rule: str) -> float | None:
    """The float16 number behind a cell; None where there is none."""
    near = np.float16(float(printed))
    step = Decimal(1).scaleb(-_decimals(printed))
    every = (near, np.nextafter(near, np.float16(np.inf)), np.nextafter(near, np.float16(0)))
    return next((float(number) for number in every if RULES[rule](number, step) == printed), None)


def _channel_means(tables: Tables, fourth: Fingerprint) -> Fingerprint:
    """L1 of Table 1's L*a*b* rows as means of Table 4's channels, whose grade they cannot exceed."""
    cells, chances, agree = [], [], fourth.grade == "verified"
    for row, entry in tables["table4"].rows.items():
        printed = tables["table1"].rows[row].l1
        low, *_, high = sorted(map(float, entry.l1_rgb))
        mean, slack = float(sum(entry.l1_rgb)) / 3, slack_of(printed)
        agree &= abs(mean - float(printed)) <= slack
        cells.append(printed)
        chances.append(2 * slack / (high - low))
    rule = "mean of Table 4" if agree else None
    return Fingerprint("Table 1 in L*a*b*", tuple(cells), rule, tuple(chances), tried=1)


def _cell(name: str, table: str, printed: Decimal, rule: str | None) -> Line:
    """A cell and the float16 number behind it, by the rule of its table."""
    found = (dash("no rule prints all cells of this table from float16 numbers"),) * 3
    if rule and (number := float16_of(printed, rule)) is not None:
        found = (text(Decimal(number).normalize()), text(rule), text(_shown(chance(printed, rule))))
    return Line((name, f"Table {table[-1]}"), (text(printed), *found))


def _shown(chance: float) -> str:
    return f"{chance:.3f}" if chance >= SURE else f"{chance:.1e}"


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def _power(printed: Decimal) -> int:
    return floor(log2(float(printed)))


def _decimals(printed: Decimal) -> int:
    return -int(printed.as_tuple().exponent)
