"""Pictures of super-resolution, from this run's own predictions: the paper's Figures 9 and 10, then zoomed crops."""

import numpy as np
from matplotlib.figure import Figure

from astrogan.evaluation.results import Results
from astrogan.experiments.catalogue import is_baseline, rows_in, short
from astrogan.report.figures.showcase import Gallery, spread
from astrogan.report.figures.style import WIDTH, enlarge, headed, mosaic, picture_figure
from astrogan.report.paper import rows
from astrogan.tasks.upscale import SCALE

_CROPS = 3
_CROP_SIDE = 128
_EIGHT = 8


def figure9(run: Results) -> Figure:
    """Low-resolution input, truth and the four super-resolving models on one tile."""
    gallery = Gallery.open(run, rows.SRGAN_FINETUNED)
    best, side = gallery.best, gallery.truth.shape[1]
    panels = [
        (f"Input, {side // SCALE} px", _squares(gallery.inputs[best])),
        (f"Truth, {side} px", gallery.truth[best]),
    ]
    for row in (rows.SRGAN_FINETUNED, rows.SRGAN_PRETRAINED, rows.EDSR, rows.WDSR):
        panels.append((short(row), gallery.outputs(row)[best]))
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
    """The most structured quarter of each sample, enlarged pixel by pixel: input, each output of Table 6, truth."""
    gallery = Gallery.open(run, rows.SRGAN_FINETUNED)
    baselines_first = sorted(rows_in("table6"), key=lambda row: not is_baseline(row))
    present = [row for row in baselines_first if run.has_pixels(row) and gallery.shared(row)]
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
    corners = [
        (top, left)
        for top in range(0, picture.shape[0] - side + 1, max(1, side // 2))
        for left in range(0, picture.shape[1] - side + 1, max(1, side // 2))
    ]
    top, left = max(corners, key=lambda c: grey[c[0] : c[0] + side, c[1] : c[1] + side].std())
    return slice(top, top + side), slice(left, left + side)


def _squares(small: np.ndarray) -> np.ndarray:
    """An input at the output's size, each of its pixels a square."""
    return small.repeat(SCALE, axis=0).repeat(SCALE, axis=1)
