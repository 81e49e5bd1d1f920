"""Radially averaged power spectrum of a picture: how much structure it has at each scale."""

import numpy as np


def power_spectrum(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Frequency (cycles per pixel, above 0 up to 0.5) and mean power in rings one frequency step wide; float64 each.

    `grey`: (H, W), H = W. The mean is taken off and a Hann window applied, so that the frame's edges do not show; the
    scale is such that white noise of variance s^2 has the power s^2 at every frequency.
    """
    side = grey.shape[0]
    window = np.outer(np.hanning(side), np.hanning(side))
    centred = (grey - grey.mean()) * window
    power = np.abs(np.fft.fft2(centred)) ** 2 / (window**2).sum()
    step = np.fft.fftfreq(side)
    ring = np.rint(np.hypot(step[:, None], step[None]) * side).astype(int)
    total = np.bincount(ring.ravel(), power.ravel())
    count = np.bincount(ring.ravel())
    rings = np.arange(1, side // 2 + 1)
    return rings / side, total[rings] / count[rings]


def log_bins(frequency: np.ndarray, power: np.ndarray, per_decade: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Mean frequency and power in bins of equal width in log frequency; empty bins are left out."""
    index = np.floor(np.log10(frequency / frequency[0] + 1e-12) * per_decade + 1e-9).astype(int)
    kept = np.unique(index)
    means = [(frequency[index == k].mean(), power[index == k].mean()) for k in kept]
    return tuple(np.array(means).T)
