"""The audit's figures: each shows on this run's own predictions what an item of the audit states."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from astrogan.evaluation.measures import Measures
from astrogan.evaluation.metrics.wrapped import clipped, wrap
from astrogan.experiments import catalogue
from astrogan.experiments.catalogue import short
from astrogan.report.audit.pictures import DARKENED, darken_blue
from astrogan.report.audit.training import DOUBLE_SIGMOID_LEAST
from astrogan.report.figures.curves import DOUBLE_SIGMOID_PLATEAU, HALVED_PLATEAU
from astrogan.report.figures.style import WIDTH, add_credit, new_figure, show, styled
from astrogan.tasks.predictions import Predictions


@styled
def wrapped_against_honest(measures: Mapping[str, Measures]) -> Figure:
    """Each tile's mean absolute error (clipped) against the published L1 and L2 of the same outputs."""
    figure = new_figure(WIDTH, 3.4)
    panels = figure.subplots(1, 2)
    for axes, norm in zip(panels, ("l1", "l2"), strict=True):
        for row, values in measures.items():
            axes.plot(
                values["mae_rgb"],
                values[f"published_{norm}_rgb"],
                ".",
                ms=5,
                alpha=0.6,
                color=catalogue.color(row),
                label=short(row),
            )
        axes.set(xlabel="mean absolute error, grey levels", ylabel=f"published {norm.upper()}", xlim=(0, None))
        axes.set_ylim(0, None)
    panels[0].axhline(127.5, color="0.35", linewidth=0.9, linestyle="--")
    panels[0].annotate("every difference equally likely", (0.98, 127.5), xycoords=("axes fraction", "data"), ha="right",
                       va="bottom", size=7)  # fmt: skip
    panels[1].axline((0, 0), slope=1, color="0.35", linewidth=0.9, linestyle="--")
    panels[0].set_title("(a) L1: no measure of size")
    panels[1].set_title("(b) L2: equal to the error while it is small")
    panels[1].set_ylim(0, 16)
    panels[1].legend(fontsize=7, loc="lower right")
    return figure


@styled
def cast_made_and_unmade(rgb: Predictions, finetuned: Predictions, samples: Sequence[tuple[int, int]]) -> Figure:
    """The RGB model clipped and cast; then a model without a cast, darkened in blue, clipped and cast.

    `samples` pairs the index of a tile in `rgb` with its index in `finetuned`.
    """
    figure = new_figure(WIDTH, 1.5 * len(samples) + 0.5)
    darker = f"L*a*b*, blue − {DARKENED},"
    titles = ("Truth", "RGB, clipped", "RGB, cast", f"{darker}\nclipped", f"{darker}\ncast")
    grid = figure.subplots(len(samples), len(titles), squeeze=False)
    darkened = darken_blue(finetuned.take([second for _, second in samples]))
    for number, (line, (first, _)) in enumerate(zip(grid, samples, strict=True)):
        pictures = (
            rgb.truth[first],
            clipped(rgb.floor[first]),
            wrap(rgb.floor[first]),
            clipped(darkened.floor[number]),
            wrap(darkened.floor[number]),
        )
        for axes, picture, title in zip(line, pictures, titles, strict=True):
            show(axes, picture, title if number == 0 else "")
            axes.title.set_fontsize(8)
    add_credit(figure)
    return figure


@styled
def discriminators(histories: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Discriminator losses of this run's rows, with the levels of one that answers the same to everything."""
    figure = new_figure(WIDTH, 3.2)
    axes = figure.subplots()
    for row, history in histories.items():
        epochs = [epoch["epoch"] for epoch in history["epochs"]]
        losses = [epoch["train"]["d"] for epoch in history["epochs"]]
        axes.plot(epochs, losses, marker="o", ms=3, linewidth=1.3, color=catalogue.color(row), label=short(row))
    levels = (
        (DOUBLE_SIGMOID_PLATEAU, "2 ln 2: one answer to everything"),
        (DOUBLE_SIGMOID_LEAST, "least with the sigmoid applied twice"),
        (HALVED_PLATEAU, "ln 2: one answer to everything, halved (L*a*b*)"),
    )
    for level, words in levels:
        axes.axhline(level, color="0.35", linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
        axes.annotate(words, (0.005, level), xycoords=("axes fraction", "data"), xytext=(0, 2),
                      textcoords="offset points", size=7)  # fmt: skip
    axes.set(xlabel="epoch", ylabel="discriminator loss")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(0, max(1.6, axes.get_ylim()[1]))
    axes.legend(fontsize=7.5, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


@styled
def leak(leaking: Predictions, clean: Predictions, samples: Sequence[tuple[int, int]]) -> Figure:
    """Test tiles by the U-net that was trained on them and by the one that was not; `samples` pairs their indices."""
    figure = new_figure(0.75 * WIDTH, 1.85 * len(samples) + 0.3)
    titles = ("Truth", "Trained on its test tiles", "Trained without them")
    grid = figure.subplots(len(samples), 3, squeeze=False)
    for number, (line, (first, second)) in enumerate(zip(grid, samples, strict=True)):
        pictures = (leaking.truth[first], leaking.rounded[first], clean.rounded[second])
        for axes, picture, title in zip(line, pictures, titles, strict=True):
            show(axes, picture, title if number == 0 else "")
    add_credit(figure)
    return figure
