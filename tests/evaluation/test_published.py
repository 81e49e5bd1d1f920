import numpy as np
import pytest

from astrogan.evaluation.published import (
    as_float16,
    as_printed,
    published_means,
    published_sums,
    wrap,
    wrapped_difference,
)

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 256, (4, 32, 24, 3), dtype=np.uint8)


def _means(truth, floor):
    sums = published_sums(truth, floor)
    totals = {name: each.sum(axis=0) for name, each in sums.items()}
    totals |= {"pixels": np.float64(truth[..., 0].size), "ab_error": np.zeros(2), "ab_absolute": np.zeros(2)}
    return published_means(totals)


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
    sums = {"wrapped_l1": np.zeros(3), "wrapped_l2": np.zeros(3), "pixels": np.float64(10)}
    # prediction minus truth, CIE units; the paper takes truth minus prediction over 110
    found = published_means(sums | {"ab_error": np.array([-11.0, 22.0]), "ab_absolute": np.array([33.0, 44.0])})
    np.testing.assert_allclose(found["l1_ab"], [0.01, -0.02])
    np.testing.assert_allclose(found["l2_ab"], [0.03, 0.04])


def test_table_4_is_float16_cut_after_four_decimals():
    printed = ["3.4531", "1.0253", "3.8046", "3.2890", "1.0439", "3.9785"]
    float16 = [3.453125, 1.025390625, 3.8046875, 3.2890625, 1.0439453125, 3.978515625]
    assert [as_printed(value, 4) for value in float16] == printed
    assert as_float16(np.array(float16) + 1e-4).tolist() == float16
    assert as_printed(-0.000019, 5) == "-0.00001"
    assert as_printed(2.0, 4) == "2.0000"
