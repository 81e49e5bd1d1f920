import numpy as np
import pytest
from skimage.color import rgb2ycbcr
from skimage.metrics import peak_signal_noise_ratio

from astrogan.evaluation.metrics import pixels
from astrogan.evaluation.metrics.pixels import Pairs
from astrogan.tasks.predictions import from_uint8

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 246, (24, 20, 3), dtype=np.uint8)
NAME = np.array(["t"])


def psnr_y(truth: np.ndarray, output: np.ndarray) -> float:
    return pixels.psnr_y(Pairs.of(from_uint8(truth[None], output[None], NAME, NAME)))[0]


def test_it_equals_scikit_image_on_the_luma():
    output = RNG.integers(0, 256, TRUTH.shape, dtype=np.uint8)
    luma = [rgb2ycbcr(image)[4:-4, 4:-4, 0] for image in (TRUTH, output)]
    assert psnr_y(TRUTH, output) == pytest.approx(peak_signal_noise_ratio(*luma, data_range=255), rel=1e-9)


def test_a_constant_offset_has_its_closed_form():
    """d grey levels in each channel are 219 / 255 d of luma."""
    for d in (1, 10):
        expected = 20 * np.log10(255 / (d * 219 / 255))
        assert psnr_y(TRUTH, TRUTH + np.uint8(d)) == pytest.approx(expected)


def test_what_is_shaved_off_does_not_count():
    output = TRUTH.copy()
    output[:4] = output[-4:] = 0
    output[:, :4] = output[:, -4:] = 255
    assert np.isnan(psnr_y(TRUTH, output))
    inside = output.copy()
    inside[4:8] = 0  # the first lines that count
    assert psnr_y(TRUTH, inside) < 20


def test_green_weighs_most():
    values = []
    for channel in range(3):
        output = TRUTH.copy()
        output[..., channel] += 10
        values.append(psnr_y(TRUTH, output))
    assert values[1] < values[0] < values[2]
