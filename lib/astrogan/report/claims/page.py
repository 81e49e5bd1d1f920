"""How tested claims are shown: a table of verdicts, then each claim with its comparisons and what would have refuted it."""

from dataclasses import dataclass

from astrogan.evaluation import Estimate
from astrogan.report.claims.inference import LEVEL
from astrogan.report.claims.verdicts import Outcome
from astrogan.report.tables.layout import Line, Part, Table, Value, dash, escape, text

REMARK = (
    "p: the chance of so clear a result on either side where there is nothing to find, corrected by Holm's method over all "
    f"claims that this run tests. Below {LEVEL} the claim holds or does not hold; otherwise it is undecided."
)
READING = (
    "In round brackets: the section of the paper. Numbers are positive on the claimed side; square brackets: 95 % intervals "
    "of one comparison, without a correction. Intervals of curves are over the epochs of one training, which understates."
)


@dataclass(frozen=True)
class ClaimsPage(Table):
    """The table of verdicts with, in its text, an entry a claim below it; its numbers hold every comparison."""

    entries: tuple[str, ...] = ()

    def fragment(self) -> str:
        verdicts = Table(self.name, self.caption, self.parts[:1], self.remarks).fragment()
        return "\n\n".join([verdicts + "\n## Each test", READING, *self.entries]) + "\n"


def claims_page(outcomes: list[Outcome]) -> ClaimsPage:
    """The page of tested claims; its table has no number."""
    verdicts = tuple(Line((each.claim.text,), _cells(each)) for each in outcomes)
    compared = tuple(
        Line((each.claim.id, finding.what), (Value(*finding.estimate[:3], 4),))
        for each in outcomes
        for finding in each.findings
    )
    parts = (
        Part(("Claim",), ("Verdict", "p"), verdicts, words=True),
        Part(("Claim", "Comparison"), ("Estimate",), compared, "comparisons"),
    )
    return ClaimsPage("claims", "", parts, (REMARK,), tuple(map(_entry, outcomes)))


def _cells(outcome: Outcome) -> tuple[Value, Value]:
    verdict = dash(outcome.reason) if outcome.verdict is None else text(outcome.verdict)
    return verdict, dash(outcome.reason) if outcome.p is None else text(_p(outcome.p))


def _entry(outcome: Outcome) -> str:
    """A term and its definitions (MyST's definition list), which a telephone shows one below the other."""
    claim = outcome.claim
    why = f", p = {_p(outcome.p)}" if outcome.p is not None else f": {escape(outcome.reason)}"
    verdict = f"**{outcome.verdict or 'not tested'}**{why}"
    lines = [f"{escape(claim.text)} ({claim.section})", f": {verdict}"]
    lines += [f": {escape(f'{finding.what}: {_shown(finding.estimate)}')}" for finding in outcome.findings]
    return "\n".join([*lines, f": *What would have refuted it:* {escape(claim.refuted_by)}"])


def _p(p: float) -> str:
    return f"{p:.3f}"


def _shown(estimate: Estimate) -> str:
    digits = 2 if abs(estimate.value) >= 0.1 else 4
    return Value(*estimate[:3], digits).text()
