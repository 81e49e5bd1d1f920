"""Colorization figures of our own, after the paper's: where the errors are, and which colours are used at all."""

from collections.abc import Iterable

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from astrogan.color import lab_of
from astrogan.experiments.catalogue import short
from astrogan.report.figures.style import WIDTH, add_credit, new_figure, show, styled
from astrogan.tasks.predictions import Predictions

_AB_RANGE = 60
_BINS = 81


@styled
def error_map(predictions: Predictions, samples: np.ndarray) -> Figure:
    """Truth, output, and where the colour is off: the distance in (a, b) of the output and of plain grey, CIE units."""
    truth_ab = lab_of(predictions.truth[samples])[..., 1:]
    error = np.linalg.norm(predictions.ab[samples] - truth_ab, axis=-1)
    grey_error = np.linalg.norm(truth_ab, axis=-1)
    top = float(np.percentile(np.stack([error, grey_error]), 99.5)) or 1.0
    figure = new_figure(WIDTH, 1.75 * len(samples) + 0.35)
    grid = figure.subplots(len(samples), 4, squeeze=False)
    titles = ("Truth", "Output", "Colour error, output", "Colour error, grey")
    for number, (line, sample) in enumerate(zip(grid, samples, strict=True)):
        heads = titles if number == 0 else ("",) * 4
        show(line[0], predictions.truth[sample], heads[0])
        show(line[1], predictions.rounded[sample], heads[1])
        for axes, values, head in zip(line[2:], (error[number], grey_error[number]), heads[2:], strict=True):
            drawn = axes.imshow(values, cmap="cividis", vmin=0, vmax=top)
            axes.set_title(head)
            axes.set_axis_off()
    bar = figure.colorbar(drawn, ax=grid[:, 3], shrink=0.8, extend="max")
    bar.set_label("distance in (a, b), CIE units")
    add_credit(figure)
    return figure


@styled
def better(finetuned: Predictions, improved: Predictions, samples: np.ndarray) -> Figure:
    """Truth, the grey that the networks see, the paper's recipe and ours, one column a tile."""
    grey = lab_of(finetuned.truth[samples])[..., 0] / 100
    lines = (
        ("Truth", finetuned.truth[samples]),
        ("Grey input", grey),
        ("The paper's recipe", finetuned.rounded[samples]),
        ("Ours", improved.rounded[samples]),
    )
    figure = new_figure(WIDTH, 1.24 * len(lines) + 0.2)
    grid = figure.subplots(len(lines), len(samples), squeeze=False)
    for line, (title, pictures) in zip(grid, lines, strict=True):
        for number, (axes, picture) in enumerate(zip(line, pictures, strict=True)):
            show(axes, picture, title if number == 0 else "")
    add_credit(figure)
    return figure


@styled
def ab_histogram(outputs: Iterable[tuple[str, Predictions]]) -> Figure:
    """The colours of the truth and of each output: log density over (a, b). A point at the origin is plain grey.

    `outputs` yields (row id, predictions), one at a time, because all of them at once may not fit into memory.
    """
    panels: dict[str, np.ndarray] = {}
    for row, value in outputs:
        if not panels:
            panels["Truth"] = ab_density(lab_of(picture[None])[..., 1:] for picture in value.truth)
        panels[short(row)] = ab_density(value.ab[[n]] for n in range(len(value)))
    across = 3
    down = -(-len(panels) // across)
    figure = new_figure(WIDTH, 2.2 * down + 0.3)
    grid = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    for axes in grid.flat[len(panels) :]:
        axes.set_axis_off()
    for axes, (title, density) in zip(grid.flat, panels.items(), strict=False):
        drawn = axes.imshow(
            np.ma.masked_equal(density, 0),
            extent=(-_AB_RANGE, _AB_RANGE, -_AB_RANGE, _AB_RANGE),
            origin="lower",
            cmap="viridis",
            norm=LogNorm(1e-6, 1),
        )
        axes.set_title(title)
        axes.axhline(0, color="0.6", linewidth=0.5)
        axes.axvline(0, color="0.6", linewidth=0.5)
        axes.grid(False)
    for axes in grid[-1]:
        axes.set_xlabel("a")
    for axes in grid[:, 0]:
        axes.set_ylabel("b")
    bar = figure.colorbar(drawn, ax=grid, shrink=0.7)
    bar.set_label("share of pixels")
    return figure


def ab_density(chunks: Iterable[np.ndarray]) -> np.ndarray:
    """Share of pixels in each cell of (b, a), float64 (81, 81) over [-60, 60] CIE units.

    `chunks` are arrays (..., 2) of a and b; what lies outside counts at the rim.
    """
    counts = np.zeros((_BINS, _BINS))
    edges = np.linspace(-_AB_RANGE, _AB_RANGE, _BINS + 1)
    for chunk in chunks:
        a, b = np.clip(chunk.reshape(-1, 2), -_AB_RANGE, _AB_RANGE).T
        counts += np.histogram2d(b, a, bins=(edges, edges))[0]
    return counts / counts.sum()
