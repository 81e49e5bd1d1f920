"""Figures of colour, from this run's own predictions: the paper's Figures 1, 2, 4, 6, 7 and 8, then ours."""

from collections.abc import Iterable
from itertools import chain

import numpy as np
import torch
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from astrogan.base import AstroganError
from astrogan.color import lab_of, lab_to_rgb
from astrogan.evaluation.metrics.wrapped import clipped
from astrogan.evaluation.results import Results
from astrogan.experiments.catalogue import experiment_of, label, rows_in, short
from astrogan.report.figures import style
from astrogan.report.figures.showcase import SAMPLES_ACROSS, Gallery, each, pictured, spread
from astrogan.report.figures.style import WIDTH, headed, mosaic, picture_figure
from astrogan.report.index import NotInRunError
from astrogan.report.paper import rows
from astrogan.tasks.predictions import Predictions

SLIDERS = 4
_SLIDER_SIDE = 384
_ERROR_MAPS = 4
_BASIC_SAMPLES = 3
_COMPARED = 6
_NEUTRAL_L = 65.0
_AB_RANGE = 60
_AB_EDGES = np.linspace(-_AB_RANGE, _AB_RANGE, 82)
_ACROSS = 3


def figure1(run: Results) -> Figure:
    """Twelve held-out truths and, in the same order, what the fine-tuned L*a*b* model makes of their grey."""
    own = Gallery.open(run, rows.FINETUNED).own
    truth, output = (mosaic(list(pictures), SAMPLES_ACROSS) for pictures in (own.truth, own.rounded))
    return picture_figure((WIDTH, 3.05), [[("(a) Truth", truth), (f"(b) {label(rows.FINETUNED)}", output)]])


def figure2(run: Results) -> Figure:
    """One held-out truth beside the fine-tuned L*a*b* model's output."""
    gallery = Gallery.open(run, rows.FINETUNED)
    truth, output = gallery.truth[gallery.best], gallery.own.rounded[gallery.best]
    return picture_figure((WIDTH, 3.9), [[("(a) Truth", truth), ("(b) Output of the fine-tuned model", output)]])


def figure4(run: Results) -> Figure:
    """One truth as red, green and blue, and as lightness, a (green-red) and b (blue-yellow)."""
    gallery = Gallery.open(run, rows.FINETUNED)
    picture = gallery.truth[gallery.best]
    lab = lab_of(picture[None])[0]
    rgb = [(name, picture * channel) for name, channel in zip("RGB", np.eye(3, dtype=np.uint8), strict=True)]
    parts = [
        ("(b) L*a*b*: a and b", _at_neutral_lightness(lab, (1, 1))),
        ("L", lab[..., 0] / 100),
        ("a (green to red)", _at_neutral_lightness(lab, (1, 0))),
        ("b (blue to yellow)", _at_neutral_lightness(lab, (0, 1))),
    ]
    return picture_figure((WIDTH, 3.9), [[("(a) RGB image", picture), *rgb], parts])


def figure6(run: Results) -> Figure:
    """Truth, grey input and the models on one tile; the RGB model both clipped and as the paper cast it.

    The last panel, the L*a*b* model after adversarial training on photographs, is ours. A row that the run does not hold
    is a dash.
    """
    gallery = Gallery.open(run, rows.FINETUNED)
    best, lab = gallery.best, (rows.FINETUNED, rows.PRETRAINED, rows.ADVERSARIAL)
    panels = [
        ("Truth", gallery.truth[best]),
        ("Grey input (L)", gallery.lightness[best]),
        (short(rows.BASIC), gallery.outputs(rows.BASIC)[best]),
        ("RGB, cast unclipped", gallery.outputs(rows.RGB, cast=True)[best]),
        ("RGB, clipped", gallery.outputs(rows.RGB)[best]),
        *((short(row), gallery.outputs(row)[best]) for row in lab),
    ]
    return picture_figure((WIDTH, 4.1), [panels[:4], panels[4:]])


def figure7(run: Results) -> Figure:
    """Held-out tiles of the Basic U-net: as they are, and through the display formula 0.5 x + 0.5 that greys them."""
    basic = Gallery.open(run, rows.FINETUNED).of(rows.BASIC)
    if basic is None:
        raise NotInRunError(f"{rows.FINETUNED} and {rows.BASIC} share no tile")
    samples = spread(len(basic), _BASIC_SAMPLES)
    correct = clipped(basic.floor[samples])
    lines = list(zip(basic.truth[samples], correct, washed_out(correct), strict=True))
    titles = ("Truth", "Output, shown correctly", "Output, shown as 0.5 x + 0.5")
    return picture_figure((0.75 * WIDTH, 0.26 * WIDTH * len(lines) + 0.2), headed(titles, lines))


def figure8(run: Results) -> Figure:
    """The twelve samples of Figure 1 by the Basic U-net, the pre-trained L*a*b* model and the pre-trained RGB model."""
    gallery = Gallery.open(run, rows.FINETUNED)
    panels = []
    for row, letter in zip((rows.BASIC, rows.PRETRAINED, rows.RGB), "abc", strict=True):
        tiles = gallery.outputs(row)
        held = any(tile is not None for tile in tiles)
        panels.append((f"({letter}) {short(row)}", mosaic(tiles, 3) if held else None))
    return picture_figure((WIDTH, 3.45), [panels], blank=(4, 3))


@style.styled
def error_map(run: Results) -> Figure:
    """Truth, output, and where the colour is off: the distance in (a, b) of the output and of plain grey, CIE units."""
    model = _model(Gallery.open(run, rows.FINETUNED))
    samples = spread(len(model), _ERROR_MAPS)
    truth_ab = lab_of(model.truth[samples])[..., 1:]
    error = np.linalg.norm(model.ab[samples] - truth_ab, axis=-1)
    grey_error = np.linalg.norm(truth_ab, axis=-1)
    top = float(np.percentile(np.stack([error, grey_error]), 99.5)) or 1.0
    figure = style.new_figure(WIDTH, 1.75 * len(samples) + 0.35)
    grid = figure.subplots(len(samples), 4, squeeze=False)
    lines = zip(model.truth[samples], model.rounded[samples], error, grey_error, strict=True)
    panels = headed(("Truth", "Output", "Colour error, output", "Colour error, grey"), list(lines))
    for axes, (title, values) in zip(grid.flat, chain.from_iterable(panels), strict=True):
        style.show(axes, values, title)
    errors = [axes.images[0] for axes in grid[:, 2:].flat]
    for drawn in errors:
        drawn.set(cmap="cividis", clim=(0, top))
    figure.colorbar(errors[-1], ax=grid[:, 3], shrink=0.8, extend="max", label="distance in (a, b), CIE units")
    style.add_credit(figure)
    return figure


@style.styled
def ab_histogram(run: Results) -> Figure:
    """The colours of the truth and of each output: log density over (a, b). A point at the origin is plain grey."""

    def space(row: str) -> str:
        experiment = experiment_of(row)
        return experiment.network.get("space", "lab") if experiment else ""

    panels: dict[str, np.ndarray] = {}
    for row, value in each(run, sorted(rows_in("ab-histogram"), key=space)):  # L*a*b* first, then RGB
        if not panels:
            panels["Truth"] = ab_density(lab_of(picture[None])[..., 1:] for picture in value.truth)
        panels[short(row)] = ab_density(value.ab[[n]] for n in range(len(value)))
    down = -(-len(panels) // _ACROSS)
    figure = style.new_figure(WIDTH, 2.2 * down + 0.3)
    grid, rim = figure.subplots(down, _ACROSS, squeeze=False, sharex=True, sharey=True), (-_AB_RANGE, _AB_RANGE)
    for axes in grid.flat[len(panels) :]:
        axes.set_axis_off()
    for axes, (title, density) in zip(grid.flat, panels.items(), strict=False):
        drawn = axes.imshow(
            np.ma.masked_equal(density, 0), extent=2 * rim, origin="lower", cmap="viridis", norm=LogNorm(1e-6, 1)
        )
        axes.set_title(title)
        axes.axhline(0, color="0.6", linewidth=0.5)
        axes.axvline(0, color="0.6", linewidth=0.5)
        axes.grid(False)
    for axes in grid[-1]:
        axes.set_xlabel("a")
    for axes in grid[:, 0]:
        axes.set_ylabel("b")
    figure.colorbar(drawn, ax=grid, shrink=0.7, label="share of pixels")
    return figure


def ab_density(chunks: Iterable[np.ndarray]) -> np.ndarray:
    """Share of pixels in each cell of (b, a), float64 (81, 81) over [-60, 60] CIE units.

    `chunks` are arrays (..., 2) of a and b; what lies outside counts at the rim.
    """
    inside = (np.clip(chunk.reshape(-1, 2), -_AB_RANGE, _AB_RANGE).T for chunk in chunks)
    counts = sum(np.histogram2d(b, a, bins=(_AB_EDGES, _AB_EDGES))[0] for a, b in inside)
    return counts / counts.sum()


def better(run: Results) -> Figure:
    """Truth, the grey that the networks see, the paper's recipe and ours, one column a tile."""
    gallery = Gallery.open(run, rows.FINETUNED)
    if pictured(run.metrics) != rows.IMPROVED:
        raise NotInRunError(f"{rows.IMPROVED} and {rows.FINETUNED} are not measured on the same tiles")
    samples = spread(len(gallery), _COMPARED)
    lines = {
        "Truth": gallery.truth,
        "Grey input": gallery.lightness,
        "The paper's recipe": gallery.own.rounded,
        "Ours": _model(gallery).rounded,
    }
    panels = [
        [(title * (n == 0), pictures[place]) for n, place in enumerate(samples)] for title, pictures in lines.items()
    ]
    return picture_figure((WIDTH, 1.24 * len(lines) + 0.2), panels)


def sliders(run: Results) -> dict[str, np.ndarray]:
    """`slider-<k>-{input,output,truth}`, k from 1: the page lays them over each other. uint8, at least 384 px a side."""
    gallery = Gallery.open(run, rows.FINETUNED)
    model = _model(gallery)
    pictures = {}
    for number, place in enumerate(spread(len(model), SLIDERS), start=1):
        grey = np.rint(gallery.lightness[place] * 255).astype(np.uint8)[..., None].repeat(3, axis=2)
        parts = {"input": grey, "output": model.rounded[place], "truth": model.truth[place]}
        pictures |= {f"slider-{number}-{part}": style.enlarge(tile, _SLIDER_SIDE) for part, tile in parts.items()}
    return pictures


def washed_out(picture: np.ndarray) -> np.ndarray:
    """uint8 shown as if it stood in [-1, 1]: 0.5 x + 0.5, so that black becomes mid-grey."""
    return np.floor((0.5 * picture / 255 + 0.5) * 255).astype(np.uint8)


def _model(gallery: Gallery) -> Predictions:
    """The row that stands for colour, on the gallery's tiles; `AstroganError` when it was evaluated on others."""
    row = pictured(gallery.run.metrics)
    found = gallery.of(row)
    if found is None or len(found) != len(gallery):
        path = gallery.run.path
        raise AstroganError(f"{path}: {row} holds other tiles than {rows.FINETUNED}; evaluate both on one split.")
    return found


def _at_neutral_lightness(lab: np.ndarray, keep: tuple[int, int]) -> np.ndarray:
    """The colour that the kept ones of a and b have at one lightness, float RGB in [0, 1]."""
    flat = np.stack([np.full_like(lab[..., 0], _NEUTRAL_L), lab[..., 1] * keep[0], lab[..., 2] * keep[1]])
    return lab_to_rgb(torch.from_numpy(flat)[None])[0].permute(1, 2, 0).numpy()
