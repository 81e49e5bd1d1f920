"""The paper's colorization pictures: Figures 1, 2, 4, 6, 7 and 8, from this run's own predictions."""

from collections.abc import Mapping

import numpy as np
import torch
from matplotlib.figure import Figure

from astrogan.color import lab_of, lab_to_rgb
from astrogan.evaluation.metrics.wrapped import clipped, wrap
from astrogan.experiments.catalogue import label, short
from astrogan.report.figures.showcase import SAMPLES_ACROSS, like
from astrogan.report.figures.style import WIDTH, add_credit, mosaic, new_figure, show, styled
from astrogan.report.paper import rows
from astrogan.tasks.predictions import Predictions

Outputs = Mapping[str, Predictions]
"""Row id to predictions; a row that the run does not hold is absent, and its panel shows a dash."""

_NEUTRAL_L = 65.0


@styled
def figure1(finetuned: Predictions, samples: np.ndarray) -> Figure:
    """Twelve held-out truths and, in the same order, what the fine-tuned L*a*b* model makes of their grey."""
    figure = new_figure(WIDTH, 3.05)
    left, right = figure.subplots(1, 2)
    show(left, mosaic(list(finetuned.truth[samples]), SAMPLES_ACROSS), "(a) Truth")
    show(right, mosaic(list(finetuned.rounded[samples]), SAMPLES_ACROSS), f"(b) {label(rows.FINETUNED)}")
    add_credit(figure)
    return figure


@styled
def figure2(finetuned: Predictions, sample: int) -> Figure:
    """One held-out truth beside the fine-tuned L*a*b* model's output."""
    figure = new_figure(WIDTH, 3.9)
    left, right = figure.subplots(1, 2)
    show(left, finetuned.truth[sample], "(a) Truth")
    show(right, finetuned.rounded[sample], "(b) Output of the fine-tuned model")
    add_credit(figure)
    return figure


@styled
def figure4(picture: np.ndarray) -> Figure:
    """One image (uint8, (H, W, 3)) as red, green and blue, and as lightness, a (green-red) and b (blue-yellow)."""
    lab = lab_of(picture[None])[0]
    figure = new_figure(WIDTH, 3.9)
    (image, *rgb), (colour, lightness, green_red, blue_yellow) = figure.subplots(2, 4)
    show(image, picture, "(a) RGB image")
    for index, (axes, name) in enumerate(zip(rgb, ("R", "G", "B"), strict=True)):
        only = np.zeros_like(picture)
        only[..., index] = picture[..., index]
        show(axes, only, name)
    show(colour, _at_neutral_lightness(lab, (1, 1)), "(b) L*a*b*: a and b")
    show(lightness, lab[..., 0] / 100, "L")
    show(green_red, _at_neutral_lightness(lab, (1, 0)), "a (green to red)")
    show(blue_yellow, _at_neutral_lightness(lab, (0, 1)), "b (blue to yellow)")
    add_credit(figure)
    return figure


@styled
def figure6(outputs: Outputs, truth: Predictions, sample: int) -> Figure:
    """Truth, grey input and the models on one tile; the RGB model both clipped and as the paper cast it.

    The last panel, the L*a*b* model after adversarial training on photographs, is ours.
    """
    picture = truth.truth[sample]
    name = truth.tile[[sample]]
    figure = new_figure(WIDTH, 4.1)
    axes = iter(figure.subplots(2, 4).flat)
    show(next(axes), picture, "Truth")
    show(next(axes), lab_of(picture[None])[0, ..., 0] / 100, "Grey input (L)")
    show(next(axes), _picture(outputs, rows.BASIC, name), "Basic U-net")
    show(next(axes), _picture(outputs, rows.RGB, name, cast=True), "RGB, cast unclipped")
    show(next(axes), _picture(outputs, rows.RGB, name), "RGB, clipped")
    show(next(axes), _picture(outputs, rows.FINETUNED, name), "L*a*b* fine-tuned")
    show(next(axes), _picture(outputs, rows.PRETRAINED, name), "L*a*b* pre-trained")
    show(next(axes), _picture(outputs, rows.ADVERSARIAL, name), short(rows.ADVERSARIAL))
    add_credit(figure)
    return figure


@styled
def figure7(basic: Predictions, samples: np.ndarray) -> Figure:
    """Held-out tiles of the Basic U-net: as they are, and through the display formula 0.5 x + 0.5 that greys them."""
    figure = new_figure(0.75 * WIDTH, 0.26 * WIDTH * len(samples) + 0.2)
    for number, (line, sample) in enumerate(zip(figure.subplots(len(samples), 3, squeeze=False), samples, strict=True)):
        titles = ("Truth", "Output, shown correctly", "Output, shown as 0.5 x + 0.5") if number == 0 else ("", "", "")
        correct = clipped(basic.floor[sample])
        pictures = (basic.truth[sample], correct, washed_out(correct))
        for axes, picture, title in zip(line, pictures, titles, strict=True):
            show(axes, picture, title)
    add_credit(figure)
    return figure


@styled
def figure8(outputs: Outputs, truth: Predictions, samples: np.ndarray) -> Figure:
    """The twelve samples of Figure 1 by the Basic U-net, the pre-trained L*a*b* model and the pre-trained RGB model."""
    figure = new_figure(WIDTH, 3.45)
    for axes, row, letter in zip(figure.subplots(1, 3), (rows.BASIC, rows.PRETRAINED, rows.RGB), "abc", strict=True):
        title = f"({letter}) {short(row)}"
        places = like(outputs[row], truth.tile[samples]) if row in outputs else []
        tiles = [None if place is None else outputs[row].rounded[place] for place in places]
        held = any(tile is not None for tile in tiles)
        show(axes, mosaic(tiles, 3) if held else None, title, shape=(4, 3))
    add_credit(figure)
    return figure


def washed_out(picture: np.ndarray) -> np.ndarray:
    """uint8 shown as if it stood in [-1, 1]: 0.5 x + 0.5, so that black becomes mid-grey."""
    return np.floor((0.5 * picture / 255 + 0.5) * 255).astype(np.uint8)


def _picture(outputs: Outputs, row: str, tile: np.ndarray, cast: bool = False) -> np.ndarray | None:
    if row not in outputs:
        return None
    (place,) = like(outputs[row], tile)
    if place is None:
        return None
    return wrap(outputs[row].floor[place]) if cast else outputs[row].rounded[place]


def _at_neutral_lightness(lab: np.ndarray, keep: tuple[int, int]) -> np.ndarray:
    """The colour that the kept ones of a and b have at one lightness, float RGB in [0, 1]."""
    flat = np.stack([np.full_like(lab[..., 0], _NEUTRAL_L), lab[..., 1] * keep[0], lab[..., 2] * keep[1]])
    return lab_to_rgb(torch.from_numpy(flat)[None])[0].permute(1, 2, 0).numpy()
