import numpy as np
import pytest

from astrogan.evaluation.measures import measure
from astrogan.evaluation.metrics.wrapped import as_float16, as_printed, wrap, wrapped_difference, wrapped_sums
from astrogan.tasks.predictions import ab_of, from_lab

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 256, (4, 32, 24, 3), dtype=np.uint8)
NAMES = np.array(["t0", "t1", "t2", "t3"])


def _means(truth, floor):
    return {f"{norm}_rgb": each.sum(axis=0) / truth[..., 0].size for norm, each in wrapped_sums(truth, floor).items()}


@pytest.mark.parametrize("spread", [1, 3, 20, 200])
def test_equals_the_uint8_arithmetic_of_numpy(spread):
    """Where the output fits into uint8 a cast is defined, and numpy itself is the oracle."""
    floor = np.clip(TRUTH + RNG.normal(0, spread, TRUTH.shape), 0, 255).astype(np.int16)
    difference = TRUTH - floor.astype(np.uint8)
    roots = np.sqrt(difference**2)
    assert roots.dtype == np.float16
    found = _means(TRUTH, floor)
    # each channel as its own contiguous array, as one that is read from files channel by channel
    channels = [np.ascontiguousarray(np.moveaxis(array, -1, 0)) for array in (difference, roots)]
    assert found["l1_rgb"].tolist() == [channel.mean() for channel in channels[0]]
    assert as_float16(found["l2_rgb"]).tolist() == [float(channel.mean()) for channel in channels[1]]


def test_values_outside_uint8_wrap_around():
    floor = np.array([-1, 256, 300, -256, 255, -300])
    assert wrap(floor).tolist() == [255, 0, 44, 0, 255, 212]
    truth = np.zeros(6, np.uint8)
    assert wrapped_difference(truth, floor).tolist() == [1, 0, 212, 0, 1, 44]


def test_an_output_one_level_too_bright_counts_as_255_and_as_1():
    found = _means(TRUTH // 2, (TRUTH // 2).astype(np.int16) + 1)
    assert found["l1_rgb"].tolist() == [255.0] * 3
    assert found["l2_rgb"].tolist() == [1.0] * 3


def test_errors_of_sixteen_levels_vanish_from_l2():
    found = _means(TRUTH // 2 + 16, (TRUTH // 2).astype(np.int16))
    assert found["l1_rgb"].tolist() == [16.0] * 3
    assert found["l2_rgb"].tolist() == [0.0] * 3


def test_on_ab_l1_is_signed_and_l2_absolute():
    # prediction minus truth, CIE units; the paper takes truth minus prediction over 110
    ab = np.broadcast_to(np.array([[-1.1, 2.2], [3.3, -4.4]], np.float32)[None, None], (4, 16, 2, 2))
    error = ab - ab_of(TRUTH[:, :16, :2])
    found, _ = measure(from_lab(TRUTH[:, :16, :2], ab, NAMES, NAMES))
    for index, channel in enumerate("ab"):
        one = error[..., index]
        np.testing.assert_allclose(found[f"published_l1_{channel}"], -one.mean((1, 2), dtype=float) / 110, rtol=1e-6)
        np.testing.assert_allclose(
            found[f"published_l2_{channel}"], np.abs(one).mean((1, 2), dtype=float) / 110, rtol=1e-6
        )


def test_table_4_is_float16_cut_after_four_decimals():
    printed = ["3.4531", "1.0253", "3.8046", "3.2890", "1.0439", "3.9785"]
    float16 = [3.453125, 1.025390625, 3.8046875, 3.2890625, 1.0439453125, 3.978515625]
    assert [as_printed(value, 4) for value in float16] == printed
    assert as_float16(np.array(float16) + 1e-4).tolist() == float16
    assert as_printed(-0.000019, 5) == "-0.00001"
    assert as_printed(2.0, 4) == "2.0000"
