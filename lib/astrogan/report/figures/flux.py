"""Flux: whether an up-scaled tile is as bright as its input."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from astrogan.evaluation.results import Results
from astrogan.experiments import catalogue
from astrogan.experiments.catalogue import TRUTH_COLOR, rows_in, short
from astrogan.report.figures.network_inputs import degradation_of, network_inputs
from astrogan.report.figures.showcase import each
from astrogan.report.figures.style import WIDTH, new_figure, styled
from astrogan.report.paper import rows
from astrogan.tasks.predictions import Predictions


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
