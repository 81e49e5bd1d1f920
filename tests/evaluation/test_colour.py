"""The metrics of colour alone, each against numbers that were not computed by it."""

import numpy as np
import pytest
from scipy.stats import linregress
from skimage.metrics import peak_signal_noise_ratio

from astrogan.color import lab_of
from astrogan.evaluation.evaluate import evaluate
from astrogan.evaluation.metrics import METRICS, Pairs
from astrogan.evaluation.metrics.colour import (
    ciede2000,
    colourfulness,
    colourfulness_ratio,
    psnr_ab,
    r2_colour,
)
from astrogan.tasks.predictions import Predictions, from_lab, from_uint8

RNG = np.random.default_rng(0)
NAMES = np.array([f"t{index}" for index in range(6)])
TRUTH = RNG.integers(40, 200, (6, 1, 1, 3)) + RNG.integers(0, 40, (6, 16, 12, 3))
TRUTH = TRUTH.astype(np.uint8)
OUTPUT = np.clip(TRUTH * RNG.uniform(0.7, 1.2, (6, 1, 1, 3)), 0, 255).astype(np.uint8)
GREY = np.broadcast_to(RNG.integers(0, 256, (6, 16, 12, 1), dtype=np.uint8), TRUTH.shape)
WITHOUT = [metric.name for metric in METRICS.values() if metric.skippable]


def predictions(truth: np.ndarray, output: np.ndarray) -> Predictions:
    return from_uint8(np.ascontiguousarray(truth), np.ascontiguousarray(output), NAMES, NAMES)


def record(truth: np.ndarray, output: np.ndarray) -> dict:
    return evaluate(predictions(truth, output), without=WITHOUT).record


def test_psnr_of_ab_is_scikit_images():
    ab = [lab_of(images)[..., 1:] for images in (TRUTH, OUTPUT)]
    expected = [peak_signal_noise_ratio(*pair, data_range=255) for pair in zip(*ab, strict=True)]
    np.testing.assert_allclose(psnr_ab(Pairs.of(predictions(TRUTH, OUTPUT))), expected, rtol=1e-5)


def test_identical_pairs_have_no_psnr_and_no_difference():
    found = record(TRUTH, TRUTH)
    assert found["values"]["psnr_ab"] is None
    assert found["reasons"]["psnr_ab"] == "every pair is identical"
    exact = {"ciede2000": 0, "colourfulness_ratio": 1, "colourfulness_difference": 0, "r2_colour": 1}
    assert {name: found["values"][name] for name in exact} == exact


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
    ],
)
def test_ciede2000_is_that_of_the_published_pairs(one, other, expected):
    """Sharma, Wu and Dalal (2005), Table 1: pairs 1, 8, 17 and 33."""
    pairs = Pairs.of(predictions(TRUTH, OUTPUT))
    images = (np.broadcast_to(np.float32(colour), TRUTH.shape) for colour in (one, other))
    pairs.__dict__["lab"] = tuple(images)  # in place of the cached property
    np.testing.assert_allclose(ciede2000(pairs), expected, atol=1e-4)


def test_ciede2000_is_of_the_corrected_outputs():
    """Of predicted a and b beyond sRGB only what an image can show counts."""
    ab = np.full((*TRUTH.shape[:3], 2), 90, np.float32)
    shown = from_lab(TRUTH, ab, NAMES, NAMES)
    assert (np.abs(lab_of(shown.rounded)[..., 1:] - ab) > 5).any()
    np.testing.assert_allclose(ciede2000(Pairs.of(shown)), ciede2000(Pairs.of(predictions(TRUTH, shown.rounded))))


def test_colourfulness_of_flat_and_striped_pictures_has_its_closed_form():
    """Hasler and Süsstrunk (2003): flat pictures have means alone, stripes of equal and opposite colours spreads alone."""
    flat = np.broadcast_to(np.uint8([200, 100, 50]), (1, 8, 8, 3))
    assert colourfulness(flat)[0] == pytest.approx(0.3 * np.hypot(100, 100))  # rg = 100, yb = 150 - 50
    stripes = np.empty((1, 8, 8, 3), np.uint8)
    stripes[:, :4], stripes[:, 4:] = (150, 100, 125), (100, 150, 125)  # rg = 50 and -50, yb = 0
    assert colourfulness(stripes)[0] == pytest.approx(50)
    assert colourfulness(GREY).tolist() == [0] * 6


def test_the_ratio_is_of_means_not_the_mean_of_ratios():
    means = record(TRUTH, OUTPUT)["values"]
    ours, truth = colourfulness(OUTPUT).mean(), colourfulness(TRUTH).mean()
    assert means["colourfulness_ratio"] == pytest.approx(ours / truth)
    assert means["colourfulness_difference"] == pytest.approx(ours - truth)


def test_a_grey_truth_has_no_ratio_and_a_grey_output_has_none_of_the_colour():
    found = record(GREY, TRUTH)
    assert found["values"]["colourfulness_ratio"] is None
    assert found["reasons"]["colourfulness_ratio"] == "the truth is grey"
    assert found["values"]["colourfulness_difference"] == pytest.approx(colourfulness(TRUTH).mean())
    assert record(TRUTH, GREY)["values"]["colourfulness_ratio"] == 0
    draws = {"colourfulness": np.array([1.0, 1.0]), "truth_colourfulness": np.array([0.0, 2.0])}
    np.testing.assert_array_equal(colourfulness_ratio(draws), [np.nan, 0.5])


def test_r2_of_one_number_a_tile_is_that_of_a_regression():
    """Outputs that a least-squares line makes of the tiles' lightness: R2 is the square of the correlation."""
    truth_a, light = RNG.normal(0, 20, 6), RNG.normal(0, 1, 6)
    line = linregress(light, truth_a)
    predicted = line.intercept + line.slope * light
    means = {
        "truth_mean_a": truth_a.mean(),
        "truth_mean_b": np.float64(5),  # of every tile, output and truth
        "truth_mean_ab_square": (truth_a**2 + 25).mean(),
        "mean_ab_error_square": ((predicted - truth_a) ** 2).mean(),
    }
    assert r2_colour(means) == pytest.approx(line.rvalue**2)


def test_r2_of_tiles_is_the_definition():
    ab = [lab_of(images)[..., 1:].mean(axis=(1, 2), dtype=float) for images in (TRUTH, OUTPUT)]
    expected = 1 - np.square(ab[1] - ab[0]).sum() / np.square(ab[0] - ab[0].mean(axis=0)).sum()
    assert record(TRUTH, OUTPUT)["values"]["r2_colour"] == pytest.approx(expected, rel=1e-5)
    best = np.broadcast_to(ab[0].mean(axis=0), (*TRUTH.shape[:3], 2)).astype(np.float32)
    constant = evaluate(from_lab(TRUTH, best, NAMES, NAMES), without=WITHOUT).record
    assert constant["values"]["r2_colour"] == pytest.approx(0, abs=1e-5)


def test_tiles_of_one_colour_have_no_r2():
    for truth in (np.full_like(TRUTH, 90), np.broadcast_to(np.uint8([120, 80, 60]), TRUTH.shape), GREY):
        found = record(truth, OUTPUT)
        assert found["values"]["r2_colour"] is None
        assert found["reasons"]["r2_colour"] == "all tiles of the truth are of one colour"


def test_constant_tiles_are_measured():
    found = record(np.full_like(TRUTH, 90), np.full_like(TRUTH, 100))["values"]
    assert 1 < found["ciede2000"] < 10
    assert found["colourfulness_difference"] == 0


def test_a_shuffled_truth_is_seen_by_what_compares_pairs_and_not_by_what_compares_populations():
    rng = np.random.default_rng(5)
    colours = rng.integers(0, 200, (12, 1, 1, 3))
    truth = (colours + rng.integers(0, 40, (12, 16, 16, 3))).astype(np.uint8)
    output = np.clip(truth.astype(int) + rng.integers(-3, 4, truth.shape), 0, 255).astype(np.uint8)
    names = np.array([f"t{n}" for n in range(12)])
    right, shuffled = (
        evaluate(from_uint8(each, output, names, names), without=("lpips", "fd_efficientnet")).record["values"]
        for each in (truth, np.roll(truth, 1, axis=0))
    )
    assert right["r2_colour"] > 0.99
    assert shuffled["r2_colour"] < 0
    assert shuffled["mae_ab"] > 5 * right["mae_ab"]
    assert shuffled["fwd"] == pytest.approx(right["fwd"], rel=1e-6)
