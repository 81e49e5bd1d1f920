"""Super-resolution figures: the paper's 9 and 10, then zoomed crops, radial power spectra and flux conservation."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import seaborn as sns
import torch
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from astrogan.evaluation.predict import BATCH
from astrogan.experiments import catalogue
from astrogan.experiments.catalogue import TRUTH_COLOR, is_baseline, rows_in, short
from astrogan.report.figures.showcase import like
from astrogan.report.figures.spectrum import log_bins, power_spectrum
from astrogan.report.figures.style import WIDTH, add_credit, enlarge, mosaic, new_figure, show, styled
from astrogan.report.paper import rows
from astrogan.tasks.predictions import Predictions
from astrogan.tasks.upscale import SCALE, UpscaleTask

_FREQUENCIES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)

Outputs = Mapping[str, Predictions]


def network_inputs(truth: np.ndarray, degradation: str) -> np.ndarray:
    """What the networks were given for all tiles of a row: uint8 (N, H, W, 3) to uint8 (N, H / 4, W / 4, 3).

    Made anew in the evaluation's batches, so that a degradation that draws noise draws the same.
    """
    task, inputs = UpscaleTask(degradation), []
    for start in range(0, len(truth), BATCH):
        small, _ = task.batch(torch.from_numpy(truth[start : start + BATCH]).permute(0, 3, 1, 2))
        inputs.append((small * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy())
    return np.concatenate(inputs)


@styled
def figure9(outputs: Outputs, truth: Predictions, inputs: np.ndarray, sample: int) -> Figure:
    """Low-resolution input, truth and the four super-resolving models on one tile.

    `inputs` are the `network_inputs` of `truth`, here and in the figures below.
    """
    name = truth.tile[[sample]]
    figure = new_figure(WIDTH, 5.1)
    axes = iter(figure.subplots(2, 3).flat)
    side = truth.truth.shape[1]
    show(next(axes), _squares(inputs[sample]), f"Input, {side // SCALE} px")
    show(next(axes), truth.truth[sample], f"Truth, {side} px")
    for row in (rows.SRGAN_FINETUNED, rows.SRGAN_PRETRAINED, rows.EDSR, rows.WDSR):
        show(next(axes), _picture(outputs, row, name), short(row))
    add_credit(figure)
    return figure


@styled
def figure10(finetuned: Predictions, inputs: np.ndarray, samples: np.ndarray) -> Figure:
    """Eight low-resolution inputs and, in the same order, the fine-tuned SRGAN's outputs."""
    samples = samples[:8]
    side = finetuned.truth.shape[1]
    figure = new_figure(WIDTH, 2.15)
    left, right = figure.subplots(1, 2)
    show(left, mosaic([_squares(small) for small in inputs[samples]], 4), f"(a) Input, {side // SCALE} px")
    show(right, mosaic(list(finetuned.rounded[samples]), 4), f"(b) {short(rows.SRGAN_FINETUNED)}, {side} px")
    add_credit(figure)
    return figure


@styled
def crops(outputs: Outputs, truth: Predictions, inputs: np.ndarray, samples: np.ndarray) -> Figure:
    """The most structured quarter of each sample, enlarged pixel by pixel: input, each output, truth."""
    present = [row for row in (rows.BICUBIC, *rows_in("table6")[:-1]) if row in outputs]
    titles = ["Input", *(short(row) for row in present), "Truth"]
    figure = new_figure(WIDTH, (WIDTH / len(titles)) * len(samples) + 0.45)
    for number, (line, sample) in enumerate(
        zip(figure.subplots(len(samples), len(titles), squeeze=False), samples, strict=True)
    ):
        picture = truth.truth[sample]
        window = busiest_window(picture)
        found = [_picture(outputs, row, truth.tile[[sample]]) for row in present]
        for axes, whole, title in zip(line, (_squares(inputs[sample]), *found, picture), titles, strict=True):
            show(axes, None if whole is None else enlarge(whole[window], 128))
            if number == 0:
                axes.set_title(title.replace(" ", "\n"), fontsize=7.5)
    add_credit(figure)
    return figure


@styled
def power_spectra(outputs: Iterable[tuple[str, Predictions]], truth: Predictions) -> Figure:
    """How much structure stands at each scale: (a) radial power of intensity, (b) each output's over the truth's.

    `outputs` yields (row id, predictions), one at a time.
    """
    frequency, reference = _mean_spectrum(truth.truth)
    figure = new_figure(WIDTH, 3.1)
    power, ratio = figure.subplots(1, 2)
    power.loglog(frequency, reference, color=TRUTH_COLOR, linewidth=2, label="Truth")
    for row, predictions in outputs:
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
    ratio.annotate(
        "finest scale\nin the input",
        (0.5 / SCALE, 0.03),
        xycoords=("data", "axes fraction"),
        xytext=(-3, 0),
        textcoords="offset points",
        ha="right",
        size=7,
    )
    ratio.set_ylim(0, min(3.0, max(1.5, ratio.get_ylim()[1])))
    power.set(ylabel="power, grey levels squared", title="(a) Radial power spectrum")
    ratio.set(ylabel="output / truth", title="(b) Relative to the truth")
    power.legend(fontsize=7)
    return figure


@styled
def flux_conservation(outputs: Iterable[tuple[str, Predictions]], degradation: str) -> Figure:
    """Mean intensity of each tile, output against input: the relative difference, one point a tile.

    `outputs` yields (row id, predictions), one at a time.
    """
    lines = [
        {"model": short(row), "row": row, "difference": value}
        for row, predictions in outputs
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


def busiest_window(picture: np.ndarray, share: int = 4) -> tuple[slice, slice]:
    """The square of a `share`-th of the side whose intensities vary most, on a half-overlapping grid."""
    side = max(8, min(picture.shape[:2]) // share)
    grey = picture.mean(axis=2)
    corners = [
        (top, left)
        for top in range(0, picture.shape[0] - side + 1, max(1, side // 2))
        for left in range(0, picture.shape[1] - side + 1, max(1, side // 2))
    ]
    top, left = max(corners, key=lambda c: grey[c[0] : c[0] + side, c[1] : c[1] + side].std())
    return slice(top, top + side), slice(left, left + side)


def _mean_spectrum(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    total = None
    for picture in pictures:
        frequency, power = power_spectrum(picture.mean(axis=2))
        total = power if total is None else total + power
    return log_bins(frequency, total / len(pictures))


def _squares(small: np.ndarray) -> np.ndarray:
    """An input at the output's size, each of its pixels a square."""
    return small.repeat(SCALE, axis=0).repeat(SCALE, axis=1)


def _picture(outputs: Outputs, row: str, tile: np.ndarray) -> np.ndarray | None:
    if row not in outputs:
        return None
    (place,) = like(outputs[row], tile)
    return None if place is None else outputs[row].rounded[place]
