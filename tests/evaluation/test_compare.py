import numpy as np
import pytest

from astrogan.errors import AstroganError
from astrogan.evaluation.compare import METRICS, paired_difference, paired_mean_difference
from astrogan.evaluation.evaluate import evaluate
from astrogan.evaluation.intervals import groups_of
from astrogan.evaluation.predictions import from_uint8
from astrogan.evaluation.unavailable import Unavailable

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(40, 200, (12, 16, 16, 3), dtype=np.uint8)
TILES = np.array([f"t{index}" for index in range(12)])


def _row(spread, bias=(0, 0, 0), truth=TRUTH, tiles=TILES, observation=TILES):
    # how hard a tile is differs much between tiles and is the same for both rows
    hardness = np.linspace(0.5, 3, len(truth))[:, None, None, None]
    noise = np.random.default_rng(7).normal(0, 1, truth.shape) * spread * hardness
    return from_uint8(truth, np.clip(truth + noise + bias, 0, 255).astype(np.uint8), observation, tiles)


GOOD, BAD = _row(4), _row(6)


@pytest.mark.parametrize(
    ("metric", "sign"),
    [("mae_rgb", -1), ("rmse_rgb.green", -1), ("mae_ab.b", -1), ("psnr", 1), ("ssim", 1), ("fwd", -1)],
)
def test_the_better_row_is_told_apart(metric, sign):
    found = paired_difference(GOOD, BAD, metric)
    assert found.sign == sign
    assert found.low < found.estimate < found.high
    swapped = paired_difference(BAD, GOOD, metric)
    assert (swapped.estimate, swapped.sign) == (-found.estimate, -sign)


@pytest.mark.parametrize("metric", ["mae_rgb.red", "bias_ab.a", "l1_rgb.blue", "l2_ab.b", "ssim", "psnr", "fwd"])
def test_estimates_are_differences_of_what_evaluate_reports(metric):
    name, _, channel = metric.partition(".")
    index = {"red": 0, "green": 1, "blue": 2, "a": 0, "b": 1}.get(channel)
    one, two = (
        (found | found["corrected"] | found["published"])[name]
        for found in (evaluate(row, without=("lpips", "fid", "kid")) for row in (GOOD, BAD))
    )
    expected = one - two if index is None else one[index] - two[index]
    assert paired_difference(GOOD, BAD, metric).estimate == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_pairing_narrows_the_interval():
    found = paired_difference(GOOD, BAD, "mae_rgb")
    alone = evaluate(GOOD, without=("lpips", "fid", "kid", "fwd"))["interval"]["corrected"]["mae_rgb"][0]
    assert found.high - found.low < 0.8 * (alone[1] - alone[0])


def test_equal_rows_are_undecided():
    found = paired_difference(GOOD, _row(4), "mae_rgb")
    assert (found.estimate, found.low, found.high, found.sign) == (0, 0, 0, 0)


def test_an_error_without_a_channel_is_the_mean_over_channels():
    parts = [paired_difference(GOOD, BAD, f"mae_rgb.{part}").estimate for part in ("red", "green", "blue")]
    assert paired_difference(GOOD, BAD, "mae_rgb").estimate == pytest.approx(np.mean(parts))


def test_few_observations_decide_nothing():
    observation = np.array(["hudf"] * 12)
    good, bad = _row(4, observation=observation), _row(6, observation=observation)
    found = paired_difference(good, bad, "mae_rgb", blocks=[str(index // 2) for index in range(12)])
    assert found.high < 0
    assert not found.decidable
    assert found.sign == 0
    with pytest.raises(Unavailable, match="two or more"):
        paired_difference(good, bad, "mae_rgb")


def test_any_value_per_tile_can_be_compared():
    groups = groups_of(TILES)
    first, second = np.arange(12.0), np.arange(12.0) - 2
    found = paired_mean_difference(first, second, groups)
    assert (found.estimate, found.sign) == (2, 1)
    assert (found.low, found.high) == (pytest.approx(2), pytest.approx(2))


def test_unknown_metrics_other_tiles_and_missing_weights_are_refused(tmp_path, monkeypatch):
    with pytest.raises(AstroganError, match="'mae' cannot be compared; known are fid"):
        paired_difference(GOOD, BAD, "mae")
    with pytest.raises(AstroganError, match="different tiles"):
        paired_difference(GOOD, _row(6, tiles=TILES[::-1]), "psnr")
    with pytest.raises(AstroganError, match="different tiles"):
        paired_difference(GOOD, _row(6, truth=TRUTH[::-1]), "psnr")
    with pytest.raises(Unavailable, match="identical"):
        paired_difference(GOOD, from_uint8(TRUTH, TRUTH, TILES, TILES), "psnr")
    monkeypatch.setenv("ASTROGAN_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    for metric in ("fid", "lpips"):
        with pytest.raises(Unavailable, match="weights"):
            paired_difference(GOOD, BAD, metric)
    assert len(set(METRICS)) == len(METRICS)
