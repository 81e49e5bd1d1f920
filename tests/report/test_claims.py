import csv
import json
from itertools import chain, combinations
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.stats import norm, spearmanr, t

from astrogan.base import AstroganError
from astrogan.evaluation import METRICS, Estimate, Metric, Results, comparison
from astrogan.evaluation.intervals import groups_of
from astrogan.evaluation.metrics import Pairs
from astrogan.evaluation.metrics.pixels import JUST_NOTICEABLE
from astrogan.experiments import load_profile
from astrogan.experiments.catalogue import experiment_of, is_baseline, read_catalogue
from astrogan.report.claims import history as claim_history
from astrogan.report.claims.inference import LEVEL, Finding, decide, holm
from astrogan.report.claims.judge import save_claims
from astrogan.report.claims.model import Claim, load_claims
from astrogan.report.claims.verdicts import judge as judge_all
from astrogan.report.paper import rows
from astrogan.report.tables.layout import escape
from astrogan.run import parts_of
from astrogan.tasks.predictions import ab_of, from_lab, from_rgb

PROFILES = Path(__file__).parents[2] / "workflow" / "profiles"
GROUPS = groups_of(np.arange(40))
FAINT = 1e-4
UP, DOWN = Estimate(1, 0.5, 1.5, FAINT), Estimate(-1, -1.5, -0.5, FAINT)
OPEN = Estimate(0.1, -0.5, 0.7, 0.8)
COMPARED_AT_EQUAL_SCHEDULES = (
    "lab-beats-rgb", "lab-beats-rgb-true-l", "adversarial-corrects-colour", "sr-ed-beats-srgan", "sr-wd-best", "sr-wider-helps",
)  # fmt: skip


@pytest.fixture
def folder(full_run):
    return Results.open(full_run)


def _claim(**test) -> Claim:
    named = {"id": "x", "section": "4", "text": "A claim", "refuted_by": "Its opposite."}
    return Claim.model_validate(named | {"test": test})


def _ordering(direction: str, first: str = rows.FINETUNED, measure: str = "mae_rgb") -> Claim:
    return _claim(kind="ordering", measures={measure: direction}, first=first, than=[rows.PRETRAINED])


def judge(run, claim: Claim, decidable: bool = True):
    """One claim alone, so that nothing is corrected."""
    return judge_all(run, (claim,), decidable)[0]


def _found(*estimates: Estimate) -> list[Finding]:
    return [Finding("x", estimate, GROUPS) for estimate in estimates]


def _named(claim: Claim) -> tuple[str, ...]:
    return getattr(claim.test, "among", ()) or claim.test.rows


def test_the_claims_file_is_sound():
    claims = load_claims()
    assert len(claims) >= 30
    listed = read_catalogue().rows
    for claim in claims:
        for row in _named(claim):
            assert row in listed, claim.id
    with pytest.raises(ValidationError):
        _ordering("sideways")
    with pytest.raises(ValidationError, match="no metric is called 'mae_rgbb'"):
        _ordering("lower", measure="mae_rgbb")
    with pytest.raises(ValidationError, match="cannot name 2 metrics"):
        _claim(kind="correlation", row="a", baseline="grey", measure="red_blue", than=["mae_ab", "mae_l"])
    with pytest.raises(ValidationError, match="'rmse_ab' is no plain mean"):
        _claim(kind="share_of_baseline", row="a", baseline="grey", measure="mae_ab", than=["rmse_ab"])
    with pytest.raises(ValidationError, match="psnr and mae_rgb are not better on the same side"):
        _claim(kind="ranks", among=list("abcde"), measure="psnr", metric="mae_rgb", direction="lower")
    with pytest.raises(ValidationError, match="refuted_by"):
        Claim.model_validate(_ordering("lower").model_dump() | {"refuted_by": ""})


def test_no_claim_stands_on_rows_that_were_picked_on_the_test_tiles():
    """Rows are named in the file; none is a candidate for a recipe, and none was trained on the tiles that judge it."""
    for claim in load_claims():
        for row in _named(claim):
            if not is_baseline(row):
                experiment = experiment_of(row)
                assert experiment.split == "test"
                assert not any(phase.get("leak_test") for phase in experiment.phases.values())


def _schedule(profile, row: str) -> list[tuple]:
    """Images, their number in all and the steps of every phase that led to a row."""
    training = profile.training(*parts_of(row))
    before = []
    if training.start_from:
        path = Path(training.start_from)
        before = _schedule(profile, f"{path.parent.name}-{path.stem}")
    images = training.epochs * (training.images_per_epoch or 0)
    return [*before, (training.kind, training.epochs, images, images // training.batch, training.batch, training.side)]


@pytest.mark.parametrize("name", ["cpu", "gpu", "paper"])
def test_rows_that_are_compared_at_equal_schedules_have_them(name, monkeypatch):
    monkeypatch.setenv("ASTROGAN_DATA", "data")
    profile, claims = load_profile(PROFILES / f"{name}.yaml"), {claim.id: claim for claim in load_claims()}
    for claim in COMPARED_AT_EQUAL_SCHEDULES:
        first, *others = (_schedule(profile, row) for row in claims[claim].test.rows)
        assert all(other == first for other in others), claim
    assert _schedule(profile, rows.SRGAN_FINETUNED) != _schedule(profile, rows.EDSR)  # which is why there is a control


def test_an_ordering_holds_one_way_and_not_the_other(folder):
    # the fine-tuned row keeps 0.8 of the colour, the pre-trained 0.3
    holds = judge(folder, _ordering("lower"), decidable=True)
    assert holds.verdict == "holds"
    assert holds.findings[0].estimate.low > 0
    assert judge(folder, _ordering("higher"), decidable=True).verdict == "does not hold"
    same = _ordering("lower", first=rows.PRETRAINED)
    assert judge(folder, same, decidable=True).verdict == "undecided"


def test_nothing_is_decided_by_a_small_run_or_by_few_observations(folder, make_run, made_rows, put_row):
    small = judge(folder, _ordering("lower"), decidable=False)
    assert (small.verdict, small.reason, small.p) == (
        "undecided",
        "this run is too small to judge a claim of the paper",
        None,
    )
    run = make_run(only=())
    for row in (rows.FINETUNED, rows.PRETRAINED):
        put_row(run, row, made_rows[row].take(range(14)))
    few = judge(Results.open(run), _ordering("lower"), decidable=True)
    assert few.findings[0].estimate.low > 0  # seven observations: clear, and still undecided
    assert (few.verdict, few.p) == ("undecided", None)
    assert few.reason.startswith("7 observations, fewer than 8")


def test_all_comparisons_must_hold_and_any_refutes():
    """All on the claimed side: the largest p counts; one on the other: the smallest, as often as there are comparisons."""
    (side, p), one = decide(_found(UP, UP, Estimate(1, 0.1, 2, 0.02))), decide(_found(Estimate(1, 0.1, 2, 0.02)))
    assert (side, p) == ("holds", one.p)
    assert decide(_found(UP, OPEN)) == decide(_found(OPEN))
    alone = decide(_found(DOWN))
    assert alone.side == "does not hold"
    for others in ((OPEN, OPEN), (UP, UP)):
        assert decide(_found(*others, DOWN)) == ("does not hold", pytest.approx(3 * alone.p))
    assert decide(_found(Estimate(1, None, None))).p == 1


def test_few_groups_stretch_the_p_value_as_students_t_does():
    """0.05 by the normal distribution is 1.96 standard errors, of which 8 groups hold sqrt(7 / 8)."""
    at = Estimate(1, 0.0, 2, 0.05)
    expected = 2 * t.sf(norm.isf(0.025) * np.sqrt(7 / 8), 7)
    assert decide([Finding("x", at, groups_of(np.arange(8)))]).p == pytest.approx(expected)
    assert decide([Finding("x", at, groups_of(np.arange(10_000)))]).p == pytest.approx(0.05, rel=1e-3)


def test_holms_correction_is_the_closure_of_bonferronis():
    """A hypothesis is rejected when every set of hypotheses that it is in is, each by Bonferroni (Marcus et al. 1976)."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        p = rng.uniform(0, 0.2, 6)
        sets = list(chain.from_iterable(combinations(range(6), size) for size in range(1, 7)))
        closed = [max(min(1, len(s) * min(p[list(s)])) for s in sets if index in s) for index in range(6)]
        assert holm(p) == pytest.approx(closed)
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


def _planted(values: np.ndarray, seed: int) -> list[SimpleNamespace]:
    """Claims (rows of `values`) that the mean over 40 objects is above zero."""
    metrics = [Metric(f"m{index}", "", None) for index in range(len(values))]
    measures = {metric.name: each for metric, each in zip(metrics, values, strict=True)}
    found = comparison.estimates(measures, metrics, GROUPS, seed)
    tests = [
        SimpleNamespace(missing=lambda run: [], untrained=lambda run: [], findings=lambda run, at=at: _found(at))
        for at in found.values()
    ]
    return [SimpleNamespace(id="x", test=test) for test in tests]


@pytest.mark.slow
def test_of_29_claims_of_nothing_one_in_twenty_runs_decides_any():
    rng = np.random.default_rng(11)
    wrong = sum(
        any(
            outcome.verdict != "undecided"
            for outcome in judge_all(None, _planted(rng.normal(size=(29, 40)), seed), True)
        )
        for seed in range(200)
    )
    assert 1 <= wrong <= 18  # 10 of 200 are expected, and 18 are exceeded once in a hundred times


def test_a_planted_effect_is_decided_among_nulls_and_on_its_side():
    values = np.random.default_rng(12).normal(size=(29, 40))
    values[3] += 1.5
    values[7] -= 1.5
    outcomes = judge_all(None, _planted(values, 0), True)
    decided = {index: outcome.verdict for index, outcome in enumerate(outcomes) if outcome.verdict != "undecided"}
    assert decided == {3: "holds", 7: "does not hold"}
    assert outcomes[3].p < LEVEL
    assert "corrected p is not below 0.05" in outcomes[4].reason


def test_what_cannot_be_decided_is_not_among_those_corrected(folder):
    others = tuple(_ordering("lower", first=rows.FINETUNED) for _ in range(5))
    with_unmeasured = (
        *others,
        _claim(kind="ordering", measures={"fid": "lower"}, first=rows.FINETUNED, than=[rows.PRETRAINED]),
    )
    *first, last = judge_all(folder, with_unmeasured, True)
    assert (last.verdict, last.p) == (None, None)
    assert first[0].p == pytest.approx(5 * judge(folder, others[0]).p)


@pytest.mark.parametrize("name", [rows.FINETUNED, rows.PRETRAINED, "lab-resnet18-seed1-finetune"])
def test_a_row_that_was_not_trained_leaves_its_claims_undecided(make_run, made_rows, put_row, name):
    run = make_run(only=(rows.FINETUNED, rows.PRETRAINED))
    put_row(run, "lab-resnet18-seed1-finetune", made_rows[rows.FINETUNED])
    assert judge(Results.open(run), _ordering("lower")).verdict == "holds"
    path = run / "metrics" / f"{name}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"trained": False}))
    outcome = judge(Results.open(run), _ordering("lower"))
    short = "L*a*b* pre-trained" if name == rows.PRETRAINED else "L*a*b* fine-tuned"
    assert (outcome.verdict, outcome.p, outcome.reason) == ("undecided", None, f"not trained: {short}")
    assert outcome.findings


def test_single_samples_are_counted_not_averaged(make_run, made_rows, put_row):
    """Closer on 12 of 16 tiles and very far on the rest."""
    run = make_run(only=(rows.PRETRAINED,))
    truth = made_rows[rows.PRETRAINED].truth
    keep = np.where(np.arange(16) % 4 == 0, -4.0, 0.9)[:, None, None, None]
    other = made_rows[rows.PRETRAINED]
    put_row(
        run, rows.FINETUNED, from_lab(truth, (ab_of(truth) * keep).astype(np.float32), other.observation, other.tile)
    )
    share = judge(
        Results.open(run), _claim(kind="share", measure="mae_rgb", first=rows.FINETUNED, than=[rows.PRETRAINED])
    )
    assert share.findings[0].estimate.value == pytest.approx(0.25)
    assert judge(Results.open(run), _ordering("lower")).findings[0].estimate.value < 0


def test_green_is_best_only_where_more_than_greys_share_is_gained(make_run, made_rows, put_row):
    """Outputs half way to the truth in every channel err least in green, as grey does; that is no merit."""
    run = make_run(only=(rows.GREY,))
    plain = made_rows[rows.GREY]
    names, away = (plain.observation, plain.tile), plain.rounded.astype(float) - plain.truth
    claim = _claim(
        kind="share_of_baseline", row=rows.FINETUNED, baseline="grey", measure="mae_green", than=["mae_red", "mae_blue"]
    )
    for left, sign in (([0.5, 0.5, 0.5], 0), ([0.5, 0.3, 0.5], 1), ([0.3, 0.5, 0.5], -1)):
        output = (plain.truth + away * left) / 255
        put_row(run, rows.FINETUNED, from_rgb(plain.truth, output, *names))
        red, _blue = judge(Results.open(run), claim).findings
        assert red.estimate.value == pytest.approx(0.2 * sign, abs=0.02)
        assert (red.estimate.low > 0.1, red.estimate.high < -0.1) == (sign > 0, sign < 0)


def test_red_and_blue_are_worse_only_beyond_what_grey_finds_hard(make_run, made_rows, put_row):
    run = make_run(only=(rows.GREY,))
    plain = made_rows[rows.GREY]
    claim = _claim(kind="correlation", row=rows.FINETUNED, baseline="grey", measure="red_blue", than=["mae_ab"])
    ab, rng = ab_of(plain.truth), np.random.default_rng(0)
    rich = METRICS["red_blue"].function(Pairs.of(plain))
    for extra in (0.0, 1.0, -1.0):
        # a share of the colour is left, the same of each tile but for chance, or more of tiles that are rich in red and blue
        left = 0.5 + 0.02 * rng.normal(size=16) + extra * 0.4 * (rich - rich.mean()) / np.ptp(rich)
        put_row(
            run,
            rows.FINETUNED,
            from_lab(plain.truth, ab * (1 - left)[:, None, None, None], plain.observation, plain.tile),
        )
        found = judge(Results.open(run), claim).findings[0].estimate
        assert (found.low > 0, found.high < 0) == (extra > 0, extra < 0)
        errors = Results.open(run).values(rows.FINETUNED, "mae_ab")
        assert np.corrcoef(errors, rich)[0, 1] > 0.2 or extra < 0  # as it is with grey alone


AMONG = [rows.PRETRAINED, rows.ADVERSARIAL, rows.FINETUNED, rows.RGB, rows.RGB_EQUAL, rows.BASIC]


def _ranks(direction: str, metric: str = "rmse_rgb", among=AMONG) -> Claim:
    return _claim(kind="ranks", among=among, measure="mae_rgb", metric=metric, direction=direction)


def test_two_metrics_are_compared_by_how_they_order_rows(folder):
    alike = judge(folder, _ranks("higher"))
    assert alike.verdict == "holds"
    assert "6 rows" in alike.findings[0].what
    assert judge(folder, _ranks("lower")).verdict == "does not hold"
    values = [[folder.metrics[row]["values"][name] for row in AMONG] for name in ("mae_rgb", "fwd")]
    other = judge(folder, _ranks("higher", "fwd")).findings[0].estimate
    assert other.value == pytest.approx(spearmanr(*values).statistic)


def test_too_few_rows_leave_a_rank_correlation_undecided(make_run, full_run):
    run = make_run(only=tuple(AMONG[:5]))
    assert judge(Results.open(run), _ranks("higher")).verdict == "holds"
    path = run / "metrics" / f"{rows.PRETRAINED}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"trained": False}))
    outcome = judge(Results.open(run), _ranks("higher"))
    assert (outcome.verdict, outcome.findings, outcome.p) == ("undecided", (), None)
    assert outcome.reason == "this run has 5 of the 6 rows, of which 1 are not trained; a correlation over rows needs 5"


def test_noise_is_sharper_and_no_nearer(folder):
    """The Basic U-net's made row is the truth with noise, so its Laplacian is too wide."""
    sharper = {claim.id: claim for claim in load_claims()}["basic-sharper"]
    outcome = judge(folder, sharper)
    assert len(outcome.findings) == 6
    assert all(finding.estimate.low > 0 for finding in outcome.findings[:3])
    assert any(finding.estimate.high < 0 for finding in outcome.findings[3:])
    assert decide(outcome.findings).side == "does not hold"


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


def test_distances_between_populations_are_compared_or_give_their_reason(folder):
    outcome = judge(folder, _ordering("lower", measure="fwd"))
    metrics = folder.metrics
    expected = metrics[rows.PRETRAINED]["values"]["fwd"] - metrics[rows.FINETUNED]["values"]["fwd"]
    assert outcome.findings[0].estimate.value == pytest.approx(expected, rel=1e-6)
    fid = judge(folder, _ordering("lower", measure="fid"))
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
        records = list(csv.DictReader(file))
    verdicts = [record["value"] for record in records if record["column"] == "Verdict"]
    assert len(verdicts) == len(load_claims())
    assert set(verdicts) <= {"", "undecided"}
    assert any(record["part"] == "comparisons" for record in records) == any(verdicts)
    written = json.loads((run / "claims.json").read_text())
    assert written["count"]["all"] == len(load_claims())
    assert written["count"]["untested"] == list(written.values()).count(None)
    assert len(written["reasons"]) == len(load_claims())  # nobody is left to wonder
    assert written["p"] == {}
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


def test_the_page_says_of_each_claim_what_was_compared_and_what_would_have_refuted_it(make_run):
    run = make_run()
    save_claims(run, decidable=True)
    text, written = (run / "tables" / "claims.md").read_text(), json.loads((run / "claims.json").read_text())
    table, _, entries = text.partition("\n## Each test\n")
    assert "| Claim | Verdict | p |" in table
    for claim in load_claims():
        assert f"*What would have refuted it:* {escape(claim.refuted_by)}" in entries
        assert f"\n{escape(claim.text)} ({claim.section})\n: **{written[claim.id] or 'not tested'}**" in entries
    p = written["p"]["finetuned-red"]
    assert f"| {p:.3f} |" in table
    assert f", p = {p:.3f}" in entries
