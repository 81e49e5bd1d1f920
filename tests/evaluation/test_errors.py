import numpy as np
import pytest
from skimage.color import rgb2lab
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from astrogan.evaluation.evaluate import evaluate
from astrogan.tasks.predictions import from_uint8

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 256, (5, 24, 16, 3), dtype=np.uint8)
OUTPUT = np.clip(TRUTH + RNG.normal([6, 0, -9], 14, TRUTH.shape), 0, 255).astype(np.uint8)
NAMES = np.array([str(index) for index in range(5)])


def _means(truth, output):
    """The values of `evaluate`, the channels of a metric together, NaN for what was not computed."""
    record, _ = evaluate(from_uint8(truth, output, NAMES, NAMES), without=("fid", "kid", "fwd", "lpips"))
    values = {name: np.nan if value is None else value for name, value in record["values"].items()}
    spaces = {"rgb": ("red", "green", "blue"), "ab": ("a", "b")}
    grouped = {
        f"{stem}_{space}": np.array([values[f"{stem}_{channel}"] for channel in channels])
        for stem in ("bias", "mae", "rmse")
        for space, channels in spaces.items()
    }
    return values | grouped


def test_rgb_distances_follow_their_definitions():
    found, error = _means(TRUTH, OUTPUT), OUTPUT.astype(float) - TRUTH
    np.testing.assert_allclose(found["bias_rgb"], error.mean((0, 1, 2)))
    np.testing.assert_allclose(found["mae_rgb"], np.abs(error).mean((0, 1, 2)))
    np.testing.assert_allclose(found["rmse_rgb"], np.sqrt((error**2).mean((0, 1, 2))))


def test_ab_distances_equal_those_in_scikit_image_lab():
    found, error = _means(TRUTH, OUTPUT), (rgb2lab(OUTPUT) - rgb2lab(TRUTH))[..., 1:]
    # kornia's constants differ from scikit-image's by up to 6.4e-5
    np.testing.assert_allclose(found["bias_ab"], error.mean((0, 1, 2)), atol=1e-4)
    np.testing.assert_allclose(found["mae_ab"], np.abs(error).mean((0, 1, 2)), atol=1e-4)
    np.testing.assert_allclose(found["rmse_ab"], np.sqrt((error**2).mean((0, 1, 2))), atol=1e-4)


def test_psnr_and_ssim_are_means_over_images_equal_to_scikit_image():
    found = _means(TRUTH, OUTPUT)
    psnr = [peak_signal_noise_ratio(*pair, data_range=255) for pair in zip(TRUTH, OUTPUT, strict=True)]
    ssim = [structural_similarity(*pair, channel_axis=-1, data_range=255) for pair in zip(TRUTH, OUTPUT, strict=True)]
    assert found["psnr"] == pytest.approx(np.mean(psnr), abs=1e-9)
    assert found["ssim"] == pytest.approx(np.mean(ssim), abs=1e-6)


def test_identical_pairs_are_left_out_of_psnr():
    output = OUTPUT.copy()
    output[1] = TRUTH[1]
    rest = [peak_signal_noise_ratio(TRUTH[i], OUTPUT[i], data_range=255) for i in (0, 2, 3, 4)]
    assert _means(TRUTH, output)["psnr"] == pytest.approx(np.mean(rest))
    assert np.isnan(_means(TRUTH, TRUTH)["psnr"])


def test_white_against_black_does_not_overflow():
    found = _means(np.zeros_like(TRUTH), np.full_like(TRUTH, 255))
    for name in ("bias_rgb", "mae_rgb", "rmse_rgb"):
        assert found[name].tolist() == [255.0] * 3
    assert found["psnr"] == 0


def test_images_too_small_for_ssim_have_none():
    assert np.isnan(_means(TRUTH[:, :5], OUTPUT[:, :5])["ssim"])
    assert np.isfinite(_means(TRUTH[:, :7], OUTPUT[:, :7])["ssim"])
