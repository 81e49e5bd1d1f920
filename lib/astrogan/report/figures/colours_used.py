"""Which colours are used at all: densities over (a, b)."""

from collections.abc import Iterable

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from astrogan.color import lab_of
from astrogan.evaluation.results import Results
from astrogan.experiments.catalogue import experiment_of, rows_in, short
from astrogan.report.figures.showcase import each
from astrogan.report.figures.style import WIDTH, new_figure, styled

_AB_RANGE = 60
_BINS = 81
_ACROSS = 3


@styled
def ab_histogram(run: Results) -> Figure:
    """The colours of the truth and of each output: log density over (a, b). A point at the origin is plain grey."""
    # the networks of L*a*b* first, then those of RGB
    order = sorted(rows_in("ab-histogram"), key=_space)
    panels: dict[str, np.ndarray] = {}
    for row, value in each(run, order):
        if not panels:
            panels["Truth"] = ab_density(lab_of(picture[None])[..., 1:] for picture in value.truth)
        panels[short(row)] = ab_density(value.ab[[n]] for n in range(len(value)))
    down = -(-len(panels) // _ACROSS)
    figure = new_figure(WIDTH, 2.2 * down + 0.3)
    grid = figure.subplots(down, _ACROSS, squeeze=False, sharex=True, sharey=True)
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


def _space(row: str) -> str:
    experiment = experiment_of(row)
    return experiment.network.get("space", "lab") if experiment else ""
