"""Figures of super-resolution, from this run's own predictions: the paper's Figures 9 and 10, crops, spectra and flux."""

from itertools import cycle, product

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from astrogan.evaluation.results import Results
from astrogan.experiments import catalogue
from astrogan.experiments.catalogue import TRUTH_COLOR, is_baseline, rows_in, short
from astrogan.report.figures.showcase import Gallery, degradation_of, each, spread
from astrogan.report.figures.style import WIDTH, enlarge, headed, mosaic, new_figure, picture_figure, styled
from astrogan.report.paper import rows
from astrogan.tasks.predictions import Predictions
from astrogan.tasks.upscale import SCALE, network_inputs

_CROPS = 3
_CROP_SIDE = 128
_EIGHT = 8
_FREQUENCIES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


def figure9(run: Results) -> Figure:
    """Low-resolution input, truth and the four super-resolving models on one tile."""
    gallery = Gallery.open(run, rows.SRGAN_FINETUNED)
    best, side = gallery.best, gallery.truth.shape[1]
    models = (rows.SRGAN_FINETUNED, rows.SRGAN_PRETRAINED, rows.EDSR, rows.WDSR)
    panels = [
        (f"Input, {side // SCALE} px", _squares(gallery.inputs[best])),
        (f"Truth, {side} px", gallery.truth[best]),
        *((short(row), gallery.outputs(row)[best]) for row in models),
    ]
    return picture_figure((WIDTH, 5.1), [panels[:3], panels[3:]])


def figure10(run: Results) -> Figure:
    """Eight low-resolution inputs and, in the same order, the fine-tuned SRGAN's outputs."""
    gallery = Gallery.open(run, rows.SRGAN_FINETUNED)
    side = gallery.truth.shape[1]
    inputs = mosaic([_squares(small) for small in gallery.inputs[:_EIGHT]], 4)
    outputs = mosaic(list(gallery.own.rounded[:_EIGHT]), 4)
    titles = (f"(a) Input, {side // SCALE} px", f"(b) {short(rows.SRGAN_FINETUNED)}, {side} px")
    return picture_figure((WIDTH, 2.15), headed(titles, [(inputs, outputs)]))


def crops(run: Results) -> Figure:
    """The most structured quarter of each sample, enlarged pixel by pixel: input, outputs, truth."""
    gallery = Gallery.open(run, rows.SRGAN_FINETUNED)
    baselines_first = sorted(rows_in("sr-crops"), key=lambda row: not is_baseline(row))
    present = [row for row in baselines_first if gallery.of(row)]
    outputs = [gallery.outputs(row) for row in present]
    lines = []
    for place in spread(len(gallery), _CROPS):
        window = busiest_window(gallery.truth[place])
        line = (_squares(gallery.inputs[place]), *(pictures[place] for pictures in outputs), gallery.truth[place])
        lines.append([None if whole is None else enlarge(whole[window], _CROP_SIDE) for whole in line])
    titles = [title.replace(" ", "\n") for title in ("Input", *map(short, present), "Truth")]
    height = (WIDTH / len(titles)) * len(lines) + 0.45
    return picture_figure((WIDTH, height), headed(titles, lines), title_size=7.5)


def busiest_window(picture: np.ndarray, share: int = 4) -> tuple[slice, slice]:
    """The square of a `share`-th of the side whose intensities vary most, on a half-overlapping grid."""
    side = max(8, min(picture.shape[:2]) // share)
    grey = picture.mean(axis=2)
    tops, lefts = (
        [slice(start, start + side) for start in range(0, length - side + 1, side // 2)] for length in grey.shape
    )
    return max(product(tops, lefts), key=lambda window: grey[window].std())


@styled
def power_spectra(run: Results) -> Figure:
    """How much structure stands at each scale: (a) radial power of intensity, (b) each output's over the truth's."""
    degradation_of(run, rows.SRGAN_FINETUNED)  # without it nothing is known of the inputs, whose finest scale is marked
    frequency, reference = _mean_spectrum(run.predictions(rows.SRGAN_FINETUNED).truth)
    figure = new_figure(WIDTH, 3.1)
    power, ratio = figure.subplots(1, 2)
    power.loglog(frequency, reference, color=TRUTH_COLOR, linewidth=2, label="Truth")
    dashes = cycle(("--", "-.", ":"))
    for row, predictions in each(run, rows_in("table6")):
        _, values = _mean_spectrum(predictions.rounded)
        style = next(dashes) if is_baseline(row) else "-"
        power.loglog(frequency, values, style, color=catalogue.color(row), linewidth=1.3, label=short(row))
        ratio.semilogx(frequency, values / reference, style, color=catalogue.color(row), linewidth=1.3)
    ratio.axhline(1, color=TRUTH_COLOR, linewidth=1)
    for axes in (power, ratio):
        axes.axvline(0.5 / SCALE, color="0.5", linewidth=0.9, linestyle=":")
        axes.set(xlabel="spatial frequency, cycles per pixel", xlim=(frequency[0], 0.5))
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


@styled
def flux_conservation(run: Results) -> Figure:
    """Mean intensity of each tile, output against input: the relative difference, one point a tile."""
    degradation = degradation_of(run, rows.SRGAN_FINETUNED)
    lines = [
        {"model": short(row), "row": row, "difference": value}
        for row, predictions in each(run, rows_in("table6"))
        for value in flux_difference(predictions, degradation)
    ]
    table = pd.DataFrame(lines)
    figure = new_figure(WIDTH, 0.36 * table.model.nunique() + 0.9)
    axes = figure.subplots()
    palette = {short(row): catalogue.color(row) for row in table.row.unique()}
    sns.stripplot(
        table, x="difference", y="model", hue="model", palette=palette, size=3, alpha=0.5, legend=False, ax=axes
    )
    sns.pointplot(
        table, x="difference", y="model", estimator="median", errorbar=None, linestyle="none",
        marker="|", markersize=16, color=TRUTH_COLOR, ax=axes,
    )  # fmt: skip
    axes.axvline(0, color="0.4", linewidth=1)
    axes.set(xlabel="mean intensity, output minus input, % of the input (bar: median)", ylabel="")
    return figure


def flux_difference(predictions: Predictions, degradation: str) -> np.ndarray:
    """Per tile, 100 * (mean output - mean input) / mean input, in displayed (sRGB) intensity; float64 (N,).

    Nan where the input is entirely black.
    """
    values = []
    for small, output in zip(network_inputs(predictions.truth, degradation), predictions.rounded, strict=True):
        flux = small.mean(dtype=float)
        values.append(100 * (output.mean(dtype=float) - flux) / flux if flux > 0 else np.nan)
    return np.array(values)


def _mean_spectrum(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    frequencies, powers = zip(*(power_spectrum(picture.mean(axis=2)) for picture in pictures), strict=True)
    return log_bins(frequencies[0], sum(powers) / len(powers))


def _squares(small: np.ndarray) -> np.ndarray:
    """An input at the output's size, each of its pixels a square."""
    return small.repeat(SCALE, axis=0).repeat(SCALE, axis=1)
