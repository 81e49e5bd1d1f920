"""From comparisons to verdicts: the p-value of a claim, and Holm's correction over the claims of a run.

A claim makes one or several comparisons; each has an estimate that is positive on the claimed side. Two things can be
shown of a claim, each against the hypothesis that it is not so:

- *it holds*: all its comparisons are above zero. Its p is the largest of their one-sided p-values, without a correction
  (Berger 1982, the intersection-union test: a claim is no better supported than its weakest part);
- *it does not hold*: one of them is below zero. Its p is the smallest of their one-sided p-values on that side, times
  their number (Bonferroni: the more parts, the more chances that one is below zero).

The claim's p is twice the smaller of the two, because both sides were asked. Over all claims that a run tests, Holm's
step-down correction (1979) keeps the chance of any false verdict at 5 %, whatever the claims have to do with each other.
A claim whose test cannot decide (too few groups, rows that were not trained) is not tested: what keeps it out is known
without its p-value.

One-sided p-values come from draws of whole groups, and such draws scatter too little where groups are few. They are
stretched as the quantiles of Student's t are beside those of the normal distribution (Hesterberg 2015, the
expanded percentile interval).
"""

from collections.abc import Iterable, Sequence
from math import sqrt
from typing import Literal, NamedTuple

from scipy.stats import norm, t

from astrogan.evaluation import Estimate
from astrogan.evaluation.intervals import Groups

LEVEL = 0.05
"""Of all claims of a run together."""

Side = Literal["holds", "does not hold"]


class Finding(NamedTuple):
    """One comparison of a claim: what it is in words, its estimate, positive on the claimed side, and what it is over."""

    what: str
    estimate: Estimate
    groups: Groups


class Decision(NamedTuple):
    """The side that the comparisons are on, and the two-sided p-value of their being there by chance."""

    side: Side
    p: float


def decide(findings: Sequence[Finding]) -> Decision:
    """What the comparisons of one claim say together, before the correction."""
    sides = [_one_sided(finding) for finding in findings]
    holds = max(above for above, _ in sides)
    refuted = min(1.0, len(sides) * min(below for _, below in sides))
    return Decision("holds" if holds <= refuted else "does not hold", min(1.0, 2 * min(holds, refuted)))


def holm(p_values: Iterable[float]) -> list[float]:
    """Holm's corrected p-values, in the order given: below `LEVEL` exactly where his procedure rejects at `LEVEL`."""
    values = list(p_values)
    corrected, least = values.copy(), 0.0
    for rank, index in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        least = max(least, min(1.0, (len(values) - rank) * values[index]))
        corrected[index] = least
    return corrected


def _one_sided(finding: Finding) -> tuple[float, float]:
    """p-values against 'not above zero' and against 'not below zero'; 1 and 1 where there is nothing to resample."""
    _, low, high, p = finding.estimate
    if low is None or high is None or p is None:
        return 1.0, 1.0
    count = finding.groups.count
    tail = float(t.cdf(norm.ppf(p / 2) * sqrt((count - 1) / count), count - 1))
    return (tail, 1 - tail) if low + high > 0 else (1 - tail, tail)
