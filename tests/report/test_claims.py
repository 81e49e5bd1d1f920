import csv
import json

import numpy as np
import pytest
from pydantic import ValidationError

from astrogan.base import AstroganError
from astrogan.evaluation import Estimate, Results
from astrogan.evaluation.metrics.pixels import JUST_NOTICEABLE
from astrogan.report.claims import history as claim_history
from astrogan.report.claims.judge import judge, save_claims, verdict_of
from astrogan.report.claims.model import Claim, load_claims
from astrogan.report.paper import rows

UP, DOWN, OPEN = Estimate(1, 0.5, 1.5), Estimate(-1, -1.5, -0.5), Estimate(0.1, -0.5, 0.7)


@pytest.fixture
def folder(full_run):
    return Results.open(full_run)


def _claim(**test) -> Claim:
    return Claim.model_validate({"id": "x", "section": "4", "text": "A claim", "test": test})


def _ordering(direction: str, first: str = rows.FINETUNED) -> Claim:
    return _claim(kind="ordering", measure="mae_rgb", direction=direction, first=first, than=[rows.PRETRAINED])


def test_the_claims_file_is_sound_and_names_measures_that_exist(folder):
    claims = load_claims()
    assert len(claims) >= 25
    known = folder.metrics[rows.FINETUNED]["values"]
    for claim in claims:
        for name in ("measure", "metric"):
            assert getattr(claim.test, name, "mae_rgb") in known
    with pytest.raises(ValidationError):
        _claim(kind="ordering", measure="mae_rgb", direction="sideways", first="a", than=["b"])
    with pytest.raises(ValidationError, match="cannot name 0 metrics"):
        _claim(kind="correlation", measure="mae_rgb", direction="lower", row="a")
    with pytest.raises(ValidationError, match="no metric is called 'mae_rgbb'"):
        _claim(kind="ordering", measure="mae_rgbb", direction="lower", first="a", than=["b"])


def test_an_ordering_holds_one_way_and_not_the_other(folder):
    # the fine-tuned row keeps 0.8 of the colour, the pre-trained 0.3
    holds = judge(folder, _ordering("lower"), decidable=True)
    assert holds.verdict == "holds"
    assert holds.findings[0].estimate.low > 0
    assert judge(folder, _ordering("higher"), decidable=True).verdict == "does not hold"
    same = _ordering("lower", first=rows.PRETRAINED)
    assert judge(folder, same, decidable=True).verdict == "undecided"


def test_nothing_is_decided_by_a_small_run_or_by_few_observations(folder, make_run, made_rows, put_row):
    assert judge(folder, _ordering("lower"), decidable=False).verdict == "undecided"
    run = make_run(only=())
    for row in (rows.FINETUNED, rows.PRETRAINED):
        put_row(run, row, made_rows[row].take(range(14)))
    few = judge(Results.open(run), _ordering("lower"), decidable=True)
    assert few.findings[0].estimate.low > 0  # seven observations: clear, and still undecided
    assert few.verdict == "undecided"


def test_verdicts_of_several_comparisons():
    claim = _ordering("lower")
    assert verdict_of(claim, [UP, UP]) == "holds"
    assert verdict_of(claim, [UP, OPEN]) == "undecided"
    assert verdict_of(claim, [OPEN, DOWN]) == "does not hold"
    assert verdict_of(claim, [Estimate(1, None, None)]) == "undecided"
    opposed = _claim(kind="opposed", measure="mae_rgb", metric="fwd", first="a", than=["b"])
    agreed = _claim(kind="agreed", measure="mae_rgb", metric="fwd", first="a", than=["b"])
    assert [verdict_of(opposed, pair) for pair in ([UP, DOWN], [UP, UP], [UP, OPEN])] == [
        "holds", "does not hold", "undecided"
    ]  # fmt: skip
    assert verdict_of(agreed, [DOWN, DOWN]) == "holds"


def test_the_blue_bias_is_in_the_cast_alone(folder):
    by_measure = {
        measure: judge(
            folder, _claim(kind="sign", row=rows.RGB, measure=measure, direction="higher"), decidable=True
        ).findings[0]
        for measure in ("blue_cast", "wrapped_blue_cast")
    }
    # the row's blue is 0.15 too low; over dark fields the cast makes that very blue
    assert by_measure["blue_cast"].estimate.value < -20
    assert by_measure["wrapped_blue_cast"].estimate.value > by_measure["blue_cast"].estimate.value


def test_distances_between_distributions_are_compared_over_the_same_halves(folder):
    claim = _claim(kind="ordering", measure="fwd", direction="lower", first=rows.FINETUNED, than=[rows.PRETRAINED])
    outcome = judge(folder, claim, decidable=True)
    metrics = folder.metrics
    expected = metrics[rows.PRETRAINED]["values"]["fwd"] - metrics[rows.FINETUNED]["values"]["fwd"]
    assert outcome.findings[0].estimate.value == pytest.approx(expected, rel=1e-6)
    fid = judge(
        folder,
        _claim(kind="ordering", measure="fid", direction="lower", first=rows.FINETUNED, than=[rows.PRETRAINED]),
        True,
    )
    assert fid.verdict is None
    assert fid.reason == "left out, as asked"


def test_equal_outputs_are_alike(folder):
    claim = _claim(kind="alike", first=rows.SRGAN_FINETUNED, than=[rows.SRGAN_FINETUNED])
    outcome = judge(folder, claim, decidable=True)
    assert outcome.findings[0].estimate.value == pytest.approx(JUST_NOTICEABLE)
    assert outcome.verdict == "holds"
    apart = _claim(kind="alike", first=rows.SRGAN_FINETUNED, than=[rows.EDSR])
    assert judge(folder, apart, decidable=True).verdict == "does not hold"


def test_a_claim_on_a_missing_row_is_a_dash_with_the_reason(make_run):
    run = make_run(only=(rows.FINETUNED,))
    outcome = judge(Results.open(run), _ordering("lower"), decidable=True)
    assert outcome.verdict is None
    assert outcome.reason == "not in this run: L*a*b* pre-trained"
    assert save_claims(run, decidable=False) == {"claims": "made"}
    with open(run / "tables" / "claims.csv", newline="") as file:
        verdicts = {record["row"]: record for record in csv.DictReader(file) if record["column"] == "Verdict"}
    assert len(verdicts) == len(load_claims())
    assert {record["value"] for record in verdicts.values()} <= {"", "undecided"}
    written = json.loads((run / "claims.json").read_text())
    assert written["count"]["all"] == len(load_claims())
    assert written["count"]["untested"] == len(written["reasons"]) == list(written.values()).count(None)
    assert written["count"]["undecided"] == list(written.values()).count("undecided") > 0
    assert written["reasons"]["lab-beats-rgb"].startswith("not in this run: ")


def test_curves_that_rise_settle_and_spike_are_seen(made_histories):
    history = made_histories["lab-resnet18-adversarial"]
    (_, rise, early), (_, settle, halves) = claim_history.rises_then_settles(history, "d")
    assert rise.low > 0
    assert settle.value > 0
    assert [(groups.count, groups.decidable) for groups in (early, halves)] == [(4, False), (10, True)]
    spiked = {"epochs": [{"train": {"g": 1.0 + (number >= 15) * (number % 2)}} for number in range(20)]}
    ((_, spike, _),) = claim_history.late_spikes(spiked, "g")
    assert spike.value > 0


def test_a_loss_that_follows_quality_is_not_uninformative():
    valid = np.linspace(0.1, 0.05, 40)
    rng = np.random.default_rng(0)

    def made(loss):
        return {"epochs": [{"train": {"g": g}, "valid": {"l1": v}} for g, v in zip(loss, valid, strict=True)]}

    ((_, follows, _),) = claim_history.uninformative(made(10 * valid + 1e-3 * rng.normal(size=40)), "g")
    assert follows.high < 0
    ((_, idle, _),) = claim_history.uninformative(made(rng.normal(size=40)), "g")
    assert idle.high > 0
    assert idle.low <= idle.value <= idle.high


@pytest.mark.parametrize(("count", "verdict"), [(14, None), (16, "holds"), (20, "holds")])
def test_a_curve_is_judged_by_eight_epochs_or_more(make_run, made_histories, count, verdict):
    run = make_run(only=())
    history = {"epochs": made_histories["rgb-basic-adversarial"]["epochs"][:count]}
    (run / "history" / f"{rows.BASIC}.json").write_text(json.dumps({"format": 2} | history))
    overfits = _claim(kind="history", row=rows.BASIC, property="overfits", curve="l1")
    assert judge(Results.open(run), overfits, decidable=True).verdict == verdict
    # its quarters are of five epochs or fewer, however clear they are
    spikes = _claim(kind="history", row=rows.BASIC, property="late_spikes", curve="g")
    assert judge(Results.open(run), spikes, decidable=True).verdict == (verdict and "undecided")


def test_few_epochs_judge_nothing(make_run, made_histories):
    history = {"epochs": made_histories["lab-resnet18-adversarial"]["epochs"][:4]}
    with pytest.raises(AstroganError, match="4 epochs are too few"):
        claim_history.check_length(history)
    ((_, gap, _),) = claim_history.overfits(made_histories["rgb-basic-adversarial"], "l1")
    assert gap[:3] == pytest.approx((0.2, 0.2, 0.2))
