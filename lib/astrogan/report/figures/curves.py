"""Figure 5: the generator's and the discriminator's loss by epoch, all of one run."""

from collections.abc import Mapping
from math import log
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from astrogan.report.figures.style import WIDTH, draw_levels, new_figure, styled
from astrogan.report.index import NotInRunError
from astrogan.report.paper.numbers import load
from astrogan.report.paper.rows import BASIC, FINETUNED, RGB
from astrogan.rows import parts_of, row_id
from astrogan.run import Run

PHASES = {"pretrain": "pre-training", "adversarial": "adversarial, photographs", "finetune": "fine-tuning, astronomy"}

DOUBLE_SIGMOID_PLATEAU = 2 * log(2)
"""Loss of a discriminator that answers 1/2 to everything, real and fake terms added: 1.386."""

HALVED_PLATEAU = log(2)
"""The same where the two terms are halved, as in our L*a*b* runs (and the authors'): 0.693."""

History = Mapping[str, Any]


def curves(histories: Mapping[str, History]) -> pd.DataFrame:
    """Phase to history, in training order, as one long table: epoch (counted through the phases), phase, curve, loss.

    `curve` is `generator` (its whole loss; during pre-training, which has L1 alone, L1 times its weight in the other phases, so
    that all stand on one scale), `discriminator`, `training L1` and `validation L1`.
    """
    lines, start = [], 0
    weight = max(history["config"]["losses"]["l1"] for history in histories.values())
    for phase, history in histories.items():
        for epoch in history["epochs"]:
            train = epoch["train"]
            values = {
                "generator": train["g"] if "g" in train else weight * train["l1"],
                "discriminator": train.get("d"),
                "training L1": train["l1"],
                "validation L1": epoch["valid"]["l1"],
            }
            for curve, loss in values.items():
                if loss is not None:
                    lines.append({"epoch": start + epoch["epoch"], "phase": phase, "curve": curve, "loss": loss})
        start += len(history["epochs"])
    return pd.DataFrame(lines)


@styled
def figure5(run: Run) -> Figure:
    """Generator (a), discriminator (b) and L1 (c) of the main model through its phases, with what the paper drew as text."""
    experiment, _ = parts_of(FINETUNED)
    histories = {phase: run.histories[row] for phase in PHASES if (row := row_id(experiment, phase)) in run.histories}
    if not histories:
        raise NotInRunError(f"no history of {experiment} in this run")
    table = curves(histories)
    theirs, basic = load().histories[RGB], load().histories[BASIC]
    figure = new_figure(WIDTH, 6.6)
    generator, discriminator, l1 = figure.subplots(3, 1, sharex=True)

    _draw(generator, table, "generator", "(a) Generator: BCE + λ L1; λ L1 alone in pre-training")
    drawn = theirs.generator
    words = f"{drawn.first} at first, {drawn.last} after {theirs.rows} epochs"
    _remark(generator, f"The paper's 5(a) is its RGB run: {words}")
    _draw(discriminator, table, "discriminator", "(b) Discriminator")
    undecided = {
        DOUBLE_SIGMOID_PLATEAU: "2 ln 2: undecided, both terms added",
        HALVED_PLATEAU: "ln 2: the same, halved",
    }
    draw_levels(discriminator, undecided.items())
    discriminator.set_ylim(0, max(1.95, discriminator.get_ylim()[1]))
    drawn = basic.discriminator
    words = f"{drawn.first} at first, at most {drawn.greatest}, {drawn.last} after {basic.rows} epochs"
    _remark(discriminator, f"The paper's 5(b) is its Basic U-net run: {words}")
    _draw(l1, table, "training L1", "(c) L1: training (solid), validation (dashed)")
    _draw(l1, table, "validation L1", l1.get_title(loc="left"), linestyle="--")
    l1.set(xlabel="epoch, counted through all phases", ylabel="L1")
    l1.xaxis.set_major_locator(MaxNLocator(integer=True))
    for start in sorted(table.groupby("phase").epoch.min())[1:]:
        for axes in (generator, discriminator, l1):
            axes.axvline(start - 0.5, color="0.75", linewidth=0.8, zorder=0)
    handles = [Line2D([], [], color=_palette()[phase], marker="o", ms=4, label=PHASES[phase]) for phase in histories]
    l1.legend(handles=handles, fontsize=7.5, ncols=len(handles), loc="upper right")
    return figure


def _draw(axes: Axes, table: pd.DataFrame, curve: str, title: str, linestyle: str = "-") -> None:
    axes.set(title=title, ylabel="loss")
    part = table[table.curve == curve]
    for phase, line in part.groupby("phase"):
        axes.plot(line.epoch, line.loss, linestyle, marker="o", ms=3, linewidth=1.3, color=_palette()[str(phase)])
    if len(part):
        axes.set_ylim(0, 1.35 * max(part.loss.max(), axes.get_ylim()[1] / 1.35))


def _remark(axes: Axes, text: str) -> None:
    axes.text(0.995, 0.97, text, transform=axes.transAxes, ha="right", va="top", fontsize=7.5, color="0.25")


def _palette() -> dict[str, tuple[float, float, float]]:
    return dict(zip(PHASES, sns.color_palette("colorblind", 3), strict=True))
