import numpy as np
import pytest
from skimage.metrics import structural_similarity as of_scikit_image

from astrogan.evaluation.metrics import METRICS, Pairs, Unavailable
from astrogan.evaluation.metrics.pixels import ssim
from astrogan.tasks.predictions import from_uint8

RNG = np.random.default_rng(0)
NAMES = np.array(["t0", "t1"])
NOISE = RNG.integers(0, 256, (2, 40, 33, 3), dtype=np.uint8)
SMOOTH = np.broadcast_to(np.linspace(0, 255, 33).astype(np.uint8)[:, None], (2, 40, 33, 3)).copy()


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
def test_equals_scikit_image(truth, output):
    expected = [of_scikit_image(*pair, channel_axis=-1, data_range=255) for pair in zip(truth, output, strict=True)]
    # the issue asks for 1e-4; sums are exact, so only the float32 ratio differs
    np.testing.assert_allclose(structural_similarity(truth, output), expected, atol=1e-6)


def test_identical_images_are_one_and_tiny_ones_are_refused():
    np.testing.assert_allclose(structural_similarity(NOISE, NOISE), 1, atol=1e-12)
    with pytest.raises(Unavailable, match="7 x 7"):
        METRICS["ssim"].needs.check("SSIM", NOISE[:, :6].shape[1:3])
