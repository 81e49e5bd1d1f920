import numpy as np
import pytest
from skimage import color
from skimage.metrics import peak_signal_noise_ratio

from astrogan.color import lab_of
from astrogan.evaluation.measures import clipped, colour_difference, compare, measure, psnr_y, sharpness
from astrogan.tasks.predictions import from_rgb, from_uint8

NAMES = np.array(["one", "two"]), np.array(["t0", "t1"])


def _pair(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return tuple(rng.integers(0, 256, (2, 24, 24, 3), np.uint8) for _ in range(2))


def test_errors_are_those_of_numpy():
    truth, output = _pair(np.random.default_rng(0))
    found = measure(from_uint8(truth, output, *NAMES))
    error = output.astype(float) - truth
    assert found["mae_rgb"] == pytest.approx(np.abs(error).mean(axis=(1, 2, 3)))
    assert found["rgb_squared"] == pytest.approx((error**2).mean(axis=(1, 2, 3)))
    assert found["bias_green"] == pytest.approx(error[..., 1].mean(axis=(1, 2)))
    lab_error = color.rgb2lab(output) - color.rgb2lab(truth)
    assert found["mae_b"] == pytest.approx(np.abs(lab_error[..., 2]).mean(axis=(1, 2)), abs=1e-3)
    assert found["bias_l"] == pytest.approx(lab_error[..., 0].mean(axis=(1, 2)), abs=1e-3)


def test_published_distances_are_numpys_uint8_arithmetic():
    truth, output = _pair(np.random.default_rng(1))
    found = measure(from_uint8(truth, output, *NAMES))
    difference = truth - output  # uint8 wraps
    assert found["published_l1_rgb"] == pytest.approx(difference.mean(axis=(1, 2, 3), dtype=float))
    root = np.sqrt(difference * difference).astype(float)  # float16, as numpy makes it
    assert found["published_l2_rgb"] == pytest.approx(root.mean(axis=(1, 2, 3)))


def test_wrapping_is_seen_and_clipping_unmakes_it():
    truth = np.full((2, 24, 24, 3), 10, np.uint8)
    found = measure(from_rgb(truth, np.full(truth.shape, -10.5 / 255), *NAMES))
    assert found["mae_rgb"] == pytest.approx(10)
    assert found["wrapped_mae_rgb"] == pytest.approx(256 - 11 - 10)
    assert found["wrapped_share"] == pytest.approx(1)
    assert clipped(np.array([-5, 7, 300], np.int16)).tolist() == [0, 7, 255]


def test_psnr_of_luma_is_scikit_images_on_the_shaved_luma_and_undefined_for_equal_pictures():
    truth, output = (pair[0] for pair in _pair(np.random.default_rng(2)))
    luma = [color.rgb2ycbcr(picture)[4:-4, 4:-4, 0] for picture in (truth, output)]
    assert psnr_y(truth, output) == pytest.approx(peak_signal_noise_ratio(*luma, data_range=255), abs=1e-6)
    assert np.isnan(psnr_y(truth, truth))


def test_sharpness_of_a_checkerboard_and_of_an_even_field():
    board = np.indices((16, 16)).sum(axis=0) % 2 * 10
    picture = np.repeat(board[..., None], 3, axis=2).astype(np.uint8)
    # inside, the Laplacian of a checkerboard of amplitude 10 is 40 in size; mirrored borders make it less
    assert 30 < sharpness(picture) < 40
    assert sharpness(np.full((16, 16, 3), 77, np.uint8)) == 0


def test_colour_difference_is_cie76():
    one, other = (pair[0] for pair in _pair(np.random.default_rng(3)))
    expected = color.deltaE_cie76(color.rgb2lab(one), color.rgb2lab(other)).mean()
    assert colour_difference(one, other) == pytest.approx(expected, rel=1e-4)
    truth, output = _pair(np.random.default_rng(3))
    row = from_uint8(truth, output, *NAMES)
    assert compare(row, row, colour_difference).tolist() == [0, 0]
    assert lab_of(truth).shape == truth.shape
