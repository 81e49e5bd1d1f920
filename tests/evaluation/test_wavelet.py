import numpy as np
import ptwt
import pytest
import pywt
import torch
from scipy.linalg import sqrtm

from astrogan.evaluation.metrics import METRICS, Unavailable
from astrogan.evaluation.metrics.wavelet import (
    PACKETS,
    packet_coefficients,
    packet_matrix,
    packet_values,
    wavelet_values,
)

RNG = np.random.default_rng(0)


def _images(count, seed):
    rng = np.random.default_rng(seed)
    rough = rng.normal(110, 40, (count, 8, 8, 3)).repeat(4, axis=1).repeat(4, axis=2)
    return np.clip(rough + rng.normal(0, 25, rough.shape), 0, 255).astype(np.uint8)


def _of_ptwt(images):
    packets = ptwt.WaveletPacket2D(
        torch.from_numpy(images).permute(0, 3, 1, 2).double() / 255, pywt.Wavelet("haar"), maxlevel=4
    )
    return np.stack([packets[node].flatten(1).numpy() for node in packets.get_natural_order(4)])


def test_coefficients_are_those_of_ptwt():
    images = RNG.integers(0, 256, (3, 64, 48, 3), dtype=np.uint8)
    np.testing.assert_allclose(packet_coefficients(images, packet_matrix()), _of_ptwt(images), atol=1e-12)


def test_the_packet_transform_is_orthogonal():
    np.testing.assert_allclose(packet_matrix() @ packet_matrix().T, np.eye(PACKETS), atol=1e-12)


def test_packets_follow_the_published_formula():
    truth, output = _images(40, 1), _images(40, 2) // 2 + 30
    some = np.array([0, 1, 100, 255])
    expected = []
    for one, two in zip(_of_ptwt(truth)[some], _of_ptwt(output)[some], strict=True):
        shift, covariances = one.mean(0) - two.mean(0), (np.cov(one, rowvar=False), np.cov(two, rowvar=False))
        expected.append(shift @ shift + np.trace(sum(covariances) - 2 * sqrtm(covariances[0] @ covariances[1]).real))
    found = packet_values(truth, output, some)
    np.testing.assert_allclose(found.mean(axis=1), expected, rtol=1e-6)


def test_all_packets_with_little_memory(monkeypatch):
    truth, output = _images(12, 3), _images(12, 4)
    found = packet_values(truth, output)
    assert found.shape == (PACKETS, 12)
    np.testing.assert_allclose(wavelet_values(truth, output), found.mean(axis=0))
    monkeypatch.setattr("astrogan.evaluation.metrics.wavelet._BYTES", 8 * 12 * 12 * 100)
    np.testing.assert_allclose(packet_values(truth, output), found, atol=1e-12)
    np.testing.assert_allclose(packet_values(truth, truth), 0, atol=1e-9)


def test_sides_that_do_not_divide_are_refused():
    with pytest.raises(Unavailable, match="divisible by 16"):
        METRICS["fwd"].needs.check("FWD", (40, 48))
