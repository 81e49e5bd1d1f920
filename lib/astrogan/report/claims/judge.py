"""The paper's claims as orderings of our numbers: holds, does not hold, undecided (`claims.yaml`, one row a claim)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from astrogan.base import AstroganError
from astrogan.evaluation import METRICS, Estimate, Results, comparison
from astrogan.evaluation.intervals import Groups
from astrogan.evaluation.metrics.pixels import JUST_NOTICEABLE, colour_difference
from astrogan.experiments.catalogue import short
from astrogan.files import write_json
from astrogan.report.claims import history as claim_history
from astrogan.report.claims.model import (
    Alike,
    Claim,
    Concord,
    Direction,
    History,
    Ordering,
    Verdict,
    Within,
    load_claims,
)
from astrogan.report.index import MADE
from astrogan.report.tables.layout import Line, Part, Table, Value, dash, text


@dataclass(frozen=True)
class Finding:
    """One comparison of a test: what it is in words, and its estimate, positive on the claimed side."""

    what: str
    estimate: Estimate
    decidable: bool


@dataclass(frozen=True)
class Outcome:
    """A tested claim: its comparisons and verdict; or no verdict and the `reason`, when the run lacks what it needs."""

    claim: Claim
    findings: tuple[Finding, ...]
    verdict: Verdict | None
    reason: str = ""


def judge(run: Results, claim: Claim, decidable: bool) -> Outcome:
    """Test one claim on a run; undecided whenever `decidable` is false, or intervals are over fewer than 8 groups.

    The groups are observations of the test set or, for a claim about a loss curve, epochs.
    """
    if missing := _missing(run, claim):
        return Outcome(claim, (), None, f"not in this run: {', '.join(missing)}")
    try:
        findings = tuple(_findings(run, claim))
    except AstroganError as error:
        return Outcome(claim, (), None, str(error))
    if not decidable or not all(finding.decidable for finding in findings):
        return Outcome(claim, findings, "undecided")
    return Outcome(claim, findings, verdict_of(claim, [finding.estimate for finding in findings]))


def verdict_of(claim: Claim, estimates: list[Estimate]) -> Verdict:
    """All comparisons on the claimed side: holds. Any on the other side: does not hold. Otherwise undecided.

    Of `opposed` and `agreed` claims the two estimates are the same difference by two metrics.
    """
    sides = [_side(estimate) for estimate in estimates]
    if claim.test.kind in ("opposed", "agreed"):
        if 0 in sides:
            return "undecided"
        return "holds" if (sides[0] == sides[1]) == (claim.test.kind == "agreed") else "does not hold"
    if -1 in sides:
        return "does not hold"
    return "undecided" if 0 in sides else "holds"


def claims_table(outcomes: list[Outcome]) -> Table:
    """The table of tested claims, unnumbered."""
    lines = []
    for outcome in outcomes:
        claim = outcome.claim
        if outcome.verdict is None:
            values = (dash(outcome.reason), dash(outcome.reason))
        else:
            shown = "; ".join(f"{finding.what}: {_shown(finding.estimate)}" for finding in outcome.findings)
            values = (text(shown), text(outcome.verdict))
        lines.append(Line((claim.text, claim.section), values))
    remark = (
        "Differences are positive on the claimed side; square brackets: 95 % intervals. An ordering of curves has its "
        "interval over the epochs of one training, which understates."
    )
    return Table(
        "claims", "", (Part(("Claim", "Section"), ("In this run", "Verdict"), tuple(lines), words=True),), (remark,)
    )


def save_claims(run: Path | str, decidable: bool) -> dict[str, str]:
    """Test every claim; write `tables/claims.md` and `.csv`, and `claims.json` for the prose; `{"claims": "made"}`.

    The JSON holds each claim's verdict by id, null with the `reasons` where the run lacks what it needs, and the `count` of
    each verdict, of the untested, and of all.

    `decidable` is whether the run is large enough to judge a claim of the paper; else every verdict is undecided.
    """
    folder = Results.open(run)
    outcomes = [judge(folder, claim, decidable) for claim in load_claims()]
    claims_table(outcomes).save(folder.path / "tables")
    verdicts = [outcome.verdict for outcome in outcomes]
    write_json(
        folder.record_file("claims"),
        {outcome.claim.id: outcome.verdict for outcome in outcomes}
        | {"reasons": {outcome.claim.id: outcome.reason for outcome in outcomes if outcome.verdict is None}}
        | {
            "count": {name: verdicts.count(name) for name in get_args(Verdict)}
            | {"untested": verdicts.count(None), "all": len(outcomes)}
        },
    )
    return {"claims": MADE}


def _findings(run: Results, claim: Claim) -> Iterator[Finding]:
    test = claim.test
    if isinstance(test, Ordering):
        for other in test.than:
            yield _difference(run, test.first, other, test.measure, test.direction, f"against {short(other)}")
    elif isinstance(test, Concord):
        (other,) = test.than
        yield _difference(run, test.first, other, test.measure, "lower", "by error")
        yield _difference(run, test.first, other, test.metric, "lower", f"by {METRICS[test.metric].label}")
    elif isinstance(test, Within):
        groups = run.measured(test.row).groups
        for words, found in _within(run, test, groups):
            yield Finding(words, _claimed(found, test.direction), groups.decidable)
    elif isinstance(test, Alike):
        groups = run.measured(test.first).groups
        for other in test.than:
            run.paired(test.first, other)
            apart = colour_difference(run.predictions(test.first).rounded, run.predictions(other).rounded)
            margin = comparison.mean(JUST_NOTICEABLE - apart, groups)
            yield Finding(f"{JUST_NOTICEABLE} less the difference from {short(other)}", margin, groups.decidable)
    else:
        history = run.histories[test.row]
        claim_history.check_length(history)
        for words, estimate, epochs in claim_history.PROPERTIES[test.property](history, test.curve):
            yield Finding(words, estimate, epochs.decidable)


def _within(run: Results, test: Within, groups: Groups) -> Iterator[tuple[str, Estimate]]:
    """Comparisons within one row, in words."""
    values = run.values(test.row, test.measure)
    if test.kind == "sign":
        yield "mean", comparison.mean(values, groups)
    for other in test.than:
        others = run.values(test.row, other)
        if test.kind == "correlation":
            yield "correlation", comparison.correlation(values, others, groups)
        else:
            found = comparison.difference(values, others, groups, METRICS[test.measure].root)
            yield f"against {other.rsplit('_', 1)[1]}", found


def _difference(run: Results, first: str, second: str, metric: str, direction: Direction, words: str) -> Finding:
    found, decidable = run.difference(first, second, metric)
    return Finding(words, _claimed(found, direction), decidable)


def _missing(run: Results, claim: Claim) -> list[str]:
    test = claim.test
    if isinstance(test, History):
        return [] if test.row in run.histories else [f"the history of {short(test.row)}"]
    rows = [test.row] if isinstance(test, Within) else [test.first, *test.than]
    held = run.has_pixels if isinstance(test, Alike) else run.holds
    return [short(row) for row in rows if not held(row)]


def _claimed(estimate: Estimate, direction: Direction) -> Estimate:
    """The estimate with its sign turned so that positive is the claimed side."""
    if direction == "higher":
        return estimate
    value, low, high = estimate
    return Estimate(-value, None if high is None else -high, None if low is None else -low)


def _side(estimate: Estimate) -> int:
    if estimate.low is None or estimate.high is None:
        return 0
    return int(estimate.low > 0) - int(estimate.high < 0)


def _shown(estimate: Estimate) -> str:
    digits = 2 if abs(estimate.value) >= 0.1 else 4
    return Value(*estimate, digits).text()
