import numpy as np
import pytest
from skimage import color
from skimage.metrics import peak_signal_noise_ratio

from astrogan.base import AstroganError
from astrogan.color import lab_of
from astrogan.evaluation.measures import measure as measure_all
from astrogan.evaluation.measures import read_measures, save_measures
from astrogan.evaluation.metrics.pixels import colour_difference, sharpness
from astrogan.evaluation.metrics.wrapped import clipped
from astrogan.tasks.predictions import from_rgb, from_uint8

NAMES = np.array(["one", "two"]), np.array(["t0", "t1"])


def measure(predictions):
    return measure_all(predictions)[0]


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
    truth, output = _pair(np.random.default_rng(2))
    luma = [color.rgb2ycbcr(pictures[0])[4:-4, 4:-4, 0] for pictures in (truth, output)]
    found = measure(from_uint8(truth, output, *NAMES))["psnr_y"][0]
    assert found == pytest.approx(peak_signal_noise_ratio(*luma, data_range=255), abs=1e-6)
    assert np.isnan(measure(from_uint8(truth, truth, *NAMES))["psnr_y"]).all()


def test_sharpness_of_a_checkerboard_and_of_an_even_field():
    board = np.indices((16, 16)).sum(axis=0) % 2 * 10
    picture = np.repeat(board[..., None], 3, axis=2).astype(np.uint8)
    # inside, the Laplacian of a checkerboard of amplitude 10 is 40 in size; mirrored borders make it less
    assert 30 < sharpness(picture[None])[0] < 40
    assert sharpness(np.full((1, 16, 16, 3), 77, np.uint8))[0] == 0


def test_colour_difference_is_cie76():
    truth, output = _pair(np.random.default_rng(3))
    pairs = zip(truth, output, strict=True)
    expected = [color.deltaE_cie76(color.rgb2lab(one), color.rgb2lab(other)).mean() for one, other in pairs]
    assert colour_difference(truth, output) == pytest.approx(expected, rel=1e-4)
    assert colour_difference(truth, truth).tolist() == [0, 0]
    assert lab_of(truth).shape == truth.shape


def test_what_is_read_is_what_was_measured(tmp_path):
    truth, output = _pair(np.random.default_rng(4))
    output[0] = truth[0]  # psnr is infinite, psnr_y is not a number
    found = measure(from_uint8(truth, output, *NAMES))
    names = np.array(["1", "NA"]), np.array(["007", 'a, "b"'])
    path = save_measures(tmp_path / "row.csv", found, *names)
    read, tile, observation = read_measures(path)
    assert list(read) == list(found)
    for name, values in found.items():
        np.testing.assert_array_equal(read[name], values)
    assert (tile.tolist(), observation.tolist()) == (names[0].tolist(), names[1].tolist())
    path.write_text("tile\nx\n")
    with pytest.raises(AstroganError, match=r"row\.csv cannot be read as measures"):
        read_measures(path)


def test_a_tile_is_measured_alike_alone_and_among_others():
    rng = np.random.default_rng(5)
    truth, output = (rng.integers(0, 256, (2, 256, 256, 3), np.uint8) for _ in range(2))
    both = measure(from_uint8(truth, output, *NAMES))
    alone = measure(from_uint8(truth[1:], output[1:], *(each[1:] for each in NAMES)))
    for name, values in alone.items():
        np.testing.assert_equal(values[0], both[name][1], name)
