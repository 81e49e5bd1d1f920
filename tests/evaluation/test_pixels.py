import numpy as np
import pytest
from skimage.color import rgb2ycbcr
from skimage.metrics import peak_signal_noise_ratio
from skimage.metrics import structural_similarity as of_scikit_image

from astrogan.evaluation.metrics import METRICS, Pairs, Unavailable
from astrogan.evaluation.metrics.pixels import psnr_y as psnr_y_of
from astrogan.evaluation.metrics.pixels import ssim
from astrogan.tasks.predictions import from_uint8

RNG = np.random.default_rng(0)
NAMES = np.array(["t0", "t1"])
NOISE = RNG.integers(0, 256, (2, 40, 33, 3), dtype=np.uint8)
SMOOTH = np.broadcast_to(np.linspace(0, 255, 33).astype(np.uint8)[:, None], (2, 40, 33, 3)).copy()
STARS = RNG.integers(0, 246, (24, 20, 3), dtype=np.uint8)


def structural_similarity(truth, output):
    return ssim(Pairs.of(from_uint8(truth, output, NAMES, NAMES)))


@pytest.mark.parametrize(
    ("truth", "output"),
    [
        (NOISE, NOISE[::-1]),
        (SMOOTH, np.clip(SMOOTH + RNG.normal(0, 8, SMOOTH.shape), 0, 255).astype(np.uint8)),
        (SMOOTH, 255 - SMOOTH),
        (np.full_like(NOISE, 255), np.full_like(NOISE, 254)),
        (np.zeros_like(NOISE), np.full_like(NOISE, 255)),
    ],
    ids=["noise", "noisy gradient", "inverted", "flat and white", "black and white"],
)
def test_ssim_equals_scikit_image(truth, output):
    expected = [of_scikit_image(*pair, channel_axis=-1, data_range=255) for pair in zip(truth, output, strict=True)]
    # the issue asks for 1e-4; sums are exact, so only the float32 ratio differs
    np.testing.assert_allclose(structural_similarity(truth, output), expected, atol=1e-6)


def test_identical_images_are_one_and_tiny_ones_are_refused():
    np.testing.assert_allclose(structural_similarity(NOISE, NOISE), 1, atol=1e-12)
    with pytest.raises(Unavailable, match="7 x 7"):
        METRICS["ssim"].needs.check("SSIM", NOISE[:, :6].shape[1:3])


def psnr_y(truth: np.ndarray, output: np.ndarray) -> float:
    return psnr_y_of(Pairs.of(from_uint8(truth[None], output[None], NAMES[:1], NAMES[:1])))[0]


def test_psnr_y_equals_scikit_image_on_the_luma():
    output = RNG.integers(0, 256, STARS.shape, dtype=np.uint8)
    luma = [rgb2ycbcr(image)[4:-4, 4:-4, 0] for image in (STARS, output)]
    assert psnr_y(STARS, output) == pytest.approx(peak_signal_noise_ratio(*luma, data_range=255), rel=1e-9)


def test_a_constant_offset_has_its_closed_form():
    """d grey levels in each channel are 219 / 255 d of luma."""
    for d in (1, 10):
        expected = 20 * np.log10(255 / (d * 219 / 255))
        assert psnr_y(STARS, STARS + np.uint8(d)) == pytest.approx(expected)


def test_what_is_shaved_off_does_not_count():
    output = STARS.copy()
    output[:4] = output[-4:] = 0
    output[:, :4] = output[:, -4:] = 255
    assert np.isnan(psnr_y(STARS, output))
    inside = output.copy()
    inside[4:8] = 0  # the first lines that count
    assert psnr_y(STARS, inside) < 20


def test_green_weighs_most():
    values = []
    for channel in range(3):
        output = STARS.copy()
        output[..., channel] += 10
        values.append(psnr_y(STARS, output))
    assert values[1] < values[0] < values[2]
