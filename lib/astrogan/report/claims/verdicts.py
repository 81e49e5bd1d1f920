"""The paper's claims, tested on our numbers: holds, does not hold, undecided."""

from typing import Literal, NamedTuple

import numpy as np

from astrogan.base import AstroganError
from astrogan.evaluation import Results
from astrogan.report.claims.inference import LEVEL, Finding, decide, holm
from astrogan.report.claims.model import Claim
from astrogan.report.claims.test import CannotDecide

Verdict = Literal["holds", "does not hold", "undecided"]

TOO_SMALL = "this run is too small to judge a claim of the paper"
BY_CHANCE = f"the corrected p is not below {LEVEL}"


class Outcome(NamedTuple):
    """A claim after its test: its comparisons, its verdict, Holm's p, and the reason for what is missing of these.

    The verdict is None where the run lacks what the test needs; `p` is None where the claim is not among those tested.
    """

    claim: Claim
    findings: tuple[Finding, ...]
    verdict: Verdict | None
    reason: str = ""
    p: float | None = None


def judge(run: Results, claims: tuple[Claim, ...], decidable: bool) -> list[Outcome]:
    """Test claims on a run, together; see inference.py.

    Undecided are all where `decidable` is false, and those whose intervals are over fewer than 8 groups (observations of
    the test set or, for a claim about a loss curve, epochs) or that stand on a row that was not trained.
    """
    outcomes = [_tested(run, claim, decidable) for claim in claims]
    open_ones = [index for index, each in enumerate(outcomes) if each.verdict and not each.reason]
    decisions = [decide(outcomes[index].findings) for index in open_ones]
    corrected = holm(decision.p for decision in decisions)
    for index, decision, p in zip(open_ones, decisions, corrected, strict=True):
        clear = p < LEVEL
        verdict, reason = (decision.side, "") if clear else ("undecided", BY_CHANCE)
        outcomes[index] = outcomes[index]._replace(verdict=verdict, reason=reason, p=p)
    return outcomes


def _tested(run: Results, claim: Claim, decidable: bool) -> Outcome:
    """The comparisons of a claim; undecided without a reason where its p-value is to decide."""
    test = claim.test
    if missing := test.missing(run):
        return Outcome(claim, (), None, f"not in this run: {', '.join(missing)}")
    try:
        findings = tuple(test.findings(run))
    except CannotDecide as reason:
        return Outcome(claim, (), "undecided", str(reason))
    except AstroganError as reason:
        return Outcome(claim, (), None, str(reason))
    if empty := [finding.what for finding in findings if not np.isfinite(finding.estimate.value)]:
        return Outcome(claim, (), None, f"nothing was measured: {', '.join(empty)}")
    if untrained := test.untrained(run):
        reason = f"not trained: {', '.join(untrained)}"
    elif not decidable:
        reason = TOO_SMALL
    else:
        reason = next((str(each.groups.note) for each in findings if not each.groups.decidable), "")
    return Outcome(claim, findings, "undecided", reason)
