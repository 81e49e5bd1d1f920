import numpy as np
import pytest

from astrogan.report.figures.upscale import log_bins, power_spectrum


def test_white_noise_has_its_variance_at_every_frequency():
    rng = np.random.default_rng(0)
    powers = np.mean([power_spectrum(rng.normal(5, 3, (64, 64)))[1] for _ in range(60)], axis=0)
    # the mean that is taken off lowers the lowest ring
    assert powers[1:] == pytest.approx(9, rel=0.15)


def test_a_wave_stands_at_its_frequency():
    x = np.arange(64)
    frequency, power = power_spectrum(np.tile(np.sin(2 * np.pi * 16 / 64 * x), (64, 1)))
    assert frequency[np.argmax(power)] == pytest.approx(0.25)
    assert frequency[-1] == 0.5


def test_bins_average_and_keep_the_total_order():
    frequency = np.arange(1, 65) / 128
    binned, power = log_bins(frequency, np.full(64, 2.0))
    assert (np.diff(binned) > 0).all()
    assert power == pytest.approx(2.0)
    assert len(binned) < 64
