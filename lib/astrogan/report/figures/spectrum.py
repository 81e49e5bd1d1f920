"""How much structure a picture has at each scale: the radially averaged power spectrum."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from astrogan.evaluation.results import Results
from astrogan.experiments import catalogue
from astrogan.experiments.catalogue import TRUTH_COLOR, is_baseline, rows_in, short
from astrogan.report.figures.network_inputs import degradation_of
from astrogan.report.figures.showcase import each
from astrogan.report.figures.style import WIDTH, new_figure, styled
from astrogan.report.paper import rows
from astrogan.tasks.upscale import SCALE

_FREQUENCIES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


@styled
def power_spectra(run: Results) -> Figure:
    """How much structure stands at each scale: (a) radial power of intensity, (b) each output's over the truth's."""
    degradation_of(run, rows.SRGAN_FINETUNED)  # without it nothing is known of the inputs, whose finest scale is marked
    frequency, reference = _mean_spectrum(run.predictions(rows.SRGAN_FINETUNED).truth)
    figure = new_figure(WIDTH, 3.1)
    power, ratio = figure.subplots(1, 2)
    power.loglog(frequency, reference, color=TRUTH_COLOR, linewidth=2, label="Truth")
    for row, predictions in each(run, rows_in("table6")):
        _, values = _mean_spectrum(predictions.rounded)
        style = "--" if is_baseline(row) else "-"
        power.loglog(frequency, values, style, color=catalogue.color(row), linewidth=1.3, label=short(row))
        ratio.semilogx(frequency, values / reference, style, color=catalogue.color(row), linewidth=1.3)
    ratio.axhline(1, color=TRUTH_COLOR, linewidth=1)
    for axes in (power, ratio):
        axes.axvline(0.5 / SCALE, color="0.5", linewidth=0.9, linestyle=":")
        axes.set_xlabel("spatial frequency, cycles per pixel")
        axes.set_xlim(frequency[0], 0.5)
        axes.xaxis.set_major_locator(FixedLocator(_FREQUENCIES))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_locator(NullLocator())
    beside = {"xytext": (-3, 0), "textcoords": "offset points", "ha": "right", "size": 7}
    ratio.annotate("finest scale\nin the input", (0.5 / SCALE, 0.03), xycoords=("data", "axes fraction"), **beside)
    ratio.set_ylim(0, min(3.0, max(1.5, ratio.get_ylim()[1])))
    power.set(ylabel="power, grey levels squared", title="(a) Radial power spectrum")
    ratio.set(ylabel="output / truth", title="(b) Relative to the truth")
    power.legend(fontsize=7)
    return figure


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


def _mean_spectrum(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    frequencies, powers = zip(*(power_spectrum(picture.mean(axis=2)) for picture in pictures), strict=True)
    return log_bins(frequencies[0], sum(powers) / len(powers))
