"""The paper's claims, tested on a run and written for the book."""

from pathlib import Path
from typing import get_args

from astrogan.evaluation import Results
from astrogan.files import write_json
from astrogan.report.claims.model import load_claims
from astrogan.report.claims.page import claims_page
from astrogan.report.claims.verdicts import Verdict, judge
from astrogan.report.index import MADE


def save_claims(run: Path | str, decidable: bool) -> dict[str, str]:
    """Test every claim; write `tables/claims.md` and `.csv`, and `claims.json` for the prose; `{"claims": "made"}`.

    The JSON holds each claim's verdict by id, null where the run lacks what it needs; `reasons` and corrected `p` by id,
    where there are such; and the `count` of each verdict, of the untested, and of all.

    `decidable` is whether the run is large enough to judge a claim of the paper; else every verdict is undecided.
    """
    folder = Results.open(run)
    outcomes = judge(folder, load_claims(), decidable)
    claims_page(outcomes).save(folder)
    verdicts = [outcome.verdict for outcome in outcomes]
    count = {name: verdicts.count(name) for name in get_args(Verdict)}
    count |= {"untested": verdicts.count(None), "all": len(outcomes)}
    found = {outcome.claim.id: outcome.verdict for outcome in outcomes}
    reasons = {outcome.claim.id: outcome.reason for outcome in outcomes if outcome.reason}
    p = {outcome.claim.id: outcome.p for outcome in outcomes if outcome.p is not None}
    write_json(folder.record_file("claims"), found | {"reasons": reasons, "p": p, "count": count})
    return {"claims": MADE}
