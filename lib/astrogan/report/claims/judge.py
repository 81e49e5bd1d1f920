"""The paper's claims, tested on our numbers: holds, does not hold, undecided."""

from pathlib import Path
from typing import NamedTuple, get_args

from astrogan.base import AstroganError
from astrogan.evaluation import Estimate, Results
from astrogan.files import write_json
from astrogan.report.claims.model import Claim, Finding, Verdict, load_claims
from astrogan.report.index import MADE
from astrogan.report.tables.layout import Line, Part, Table, Value, dash, text


class Outcome(NamedTuple):
    """A tested claim: its comparisons and verdict; or no verdict and the `reason`, when the run lacks what it needs."""

    claim: Claim
    findings: tuple[Finding, ...]
    verdict: Verdict | None
    reason: str = ""


def judge(run: Results, claim: Claim, decidable: bool) -> Outcome:
    """Test one claim on a run; undecided whenever `decidable` is false, or intervals are over fewer than 8 groups.

    The groups are observations of the test set or, for a claim about a loss curve, epochs.
    """
    if missing := claim.test.missing(run):
        return Outcome(claim, (), None, f"not in this run: {', '.join(missing)}")
    try:
        findings = tuple(claim.test.findings(run))
    except AstroganError as error:
        return Outcome(claim, (), None, str(error))
    decidable &= all(finding.decidable for finding in findings)
    estimates = [finding.estimate for finding in findings]
    return Outcome(claim, findings, verdict_of(claim, estimates) if decidable else "undecided")


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
        values = (dash(outcome.reason),) * 2
        if outcome.verdict is not None:
            shown = "; ".join(f"{finding.what}: {_shown(finding.estimate)}" for finding in outcome.findings)
            values = (text(shown), text(outcome.verdict))
        lines.append(Line((claim.text, claim.section), values))
    remark = (
        "Differences are positive on the claimed side; square brackets: 95 % intervals. An ordering of curves has its "
        "interval over the epochs of one training, which understates."
    )
    part = Part(("Claim", "Section"), ("In this run", "Verdict"), tuple(lines), words=True)
    return Table("claims", "", (part,), (remark,))


def save_claims(run: Path | str, decidable: bool) -> dict[str, str]:
    """Test every claim; write `tables/claims.md` and `.csv`, and `claims.json` for the prose; `{"claims": "made"}`.

    The JSON holds each claim's verdict by id, null with the `reasons` where the run lacks what it needs, and the `count` of
    each verdict, of the untested, and of all.

    `decidable` is whether the run is large enough to judge a claim of the paper; else every verdict is undecided.
    """
    folder = Results.open(run)
    outcomes = [judge(folder, claim, decidable) for claim in load_claims()]
    claims_table(outcomes).save(folder)
    verdicts = [outcome.verdict for outcome in outcomes]
    reasons = {outcome.claim.id: outcome.reason for outcome in outcomes if outcome.verdict is None}
    count = {name: verdicts.count(name) for name in get_args(Verdict)}
    count |= {"untested": verdicts.count(None), "all": len(outcomes)}
    found = {outcome.claim.id: outcome.verdict for outcome in outcomes}
    write_json(folder.record_file("claims"), found | {"reasons": reasons, "count": count})
    return {"claims": MADE}


def _side(estimate: Estimate) -> int:
    if estimate.low is None or estimate.high is None:
        return 0
    return int(estimate.low > 0) - int(estimate.high < 0)


def _shown(estimate: Estimate) -> str:
    digits = 2 if abs(estimate.value) >= 0.1 else 4
    return Value(*estimate[:3], digits).text()
