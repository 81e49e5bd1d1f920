"""The metrics behind claims about looks, each on a planted case."""

import numpy as np
import pytest

from astrogan.evaluation.metrics import METRICS, Pairs
from astrogan.evaluation.metrics.pixels import JUST_NOTICEABLE
from astrogan.tasks.predictions import ab_of, from_lab, from_rgb, from_uint8

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(20, 236, (3, 32, 48, 3), dtype=np.uint8)
NAMES = np.array(["t0", "t1", "t2"])


def measured(name, predictions):
    return METRICS[name].function(Pairs.of(predictions))


def test_of_an_lab_network_the_error_at_the_true_lightness_is_the_plain_one():
    predictions = from_lab(TRUTH, ab_of(TRUTH) * 0.4 + 3, NAMES, NAMES)
    plain = measured("mae_rgb", predictions)
    assert plain.min() > 1
    assert measured("true_l_mae_rgb", predictions) == pytest.approx(plain, abs=1e-3)


def test_an_rgb_network_with_the_right_colour_and_the_wrong_lightness_errs_in_lightness_alone():
    """A grey truth and a grey output of another lightness: the same colour everywhere."""
    grey = np.repeat(TRUTH[..., :1], 3, axis=-1)
    darker = from_rgb(grey, 0.7 * grey / 255, NAMES, NAMES)
    assert measured("mae_rgb", darker).min() > 20
    assert measured("true_l_mae_rgb", darker).max() < 0.1
    # and where the colour is wrong, it is the error of an L*a*b* network of those a and b
    tinted = from_rgb(TRUTH, (TRUTH * [0.5, 0.7, 0.6]) / 255, NAMES, NAMES)
    expected = measured("mae_rgb", from_lab(TRUTH, tinted.ab, NAMES, NAMES))
    assert measured("true_l_mae_rgb", tinted) == pytest.approx(expected, abs=1e-3)


def test_noise_on_grey_is_no_colour():
    grey = np.zeros((*TRUTH.shape[:3], 2), np.float32)
    noisy = from_lab(TRUTH, grey + RNG.normal(0, 4, grey.shape).astype(np.float32), NAMES, NAMES)
    assert measured("chroma", noisy).min() > 4  # which the plain mean takes for colour
    assert measured("noticed_chroma", from_lab(TRUTH, grey, NAMES, NAMES)).max() == 0
    assert measured("noticed_chroma", noisy).max() < 0.01  # of a plain 5


def test_noise_does_not_change_how_much_colour_is_noticed():
    even = np.full((*TRUTH.shape[:3], 2), [6, 8], np.float32)
    plain = measured("noticed_chroma", from_lab(TRUTH, even, NAMES, NAMES))
    assert plain == pytest.approx(10 - JUST_NOTICEABLE)
    noisy = from_lab(TRUTH, even + RNG.normal(0, 4, even.shape).astype(np.float32), NAMES, NAMES)
    assert measured("noticed_chroma", noisy) == pytest.approx(plain, abs=0.1)


def test_too_sharp_is_as_wrong_as_too_smooth():
    flat = np.full_like(TRUTH, 128)
    both = {"noise on flat": (flat, TRUTH), "flat for noise": (TRUTH, flat)}
    found = {name: measured("sharpness_error", from_uint8(*pair, NAMES, NAMES)) for name, pair in both.items()}
    assert found["noise on flat"] == pytest.approx(found["flat for noise"])
    assert found["noise on flat"] == pytest.approx(measured("sharpness", from_uint8(flat, TRUTH, NAMES, NAMES)))
    assert measured("sharpness_error", from_uint8(TRUTH, TRUTH, NAMES, NAMES)).max() == 0
