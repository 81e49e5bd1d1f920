"""The audit's figures: each shows on this run's own predictions what an item of the audit states."""

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from astrogan.evaluation.metrics.wrapped import clipped, wrap
from astrogan.evaluation.results import Results
from astrogan.experiments import catalogue
from astrogan.experiments.catalogue import is_baseline, rows_in, short
from astrogan.report.audit.training import DOUBLE_SIGMOID_LEAST
from astrogan.report.figures.curves import DOUBLE_SIGMOID_PLATEAU, HALVED_PLATEAU
from astrogan.report.figures.showcase import Gallery
from astrogan.report.figures.style import WIDTH, draw_levels, headed, new_figure, picture_figure, styled
from astrogan.report.index import NotInRunError
from astrogan.report.paper import rows
from astrogan.tasks.predictions import Predictions

_SAMPLES = 3
_DISCRIMINATORS = (rows.BASIC_AS_RUN, rows.BASIC_HELD_OUT, rows.BASIC, rows.RGB, rows.FINETUNED)


@styled
def wrapped_against_honest(run: Results) -> Figure:
    """Each tile's mean absolute error (clipped) against the published L1 and L2 of the same outputs."""
    measures = {row: run.measured(row).values for row in rows_in("table1") if run.holds(row) and not is_baseline(row)}
    measures |= {row: run.measured(row).values for row in (rows.GREY,) if run.holds(row)}
    if not measures:
        raise NotInRunError("no predictions in this run")
    figure = new_figure(WIDTH, 3.4)
    panels = figure.subplots(1, 2)
    for axes, norm in zip(panels, ("l1", "l2"), strict=True):
        for row, values in measures.items():
            look = {"ms": 5, "alpha": 0.6, "color": catalogue.color(row), "label": short(row)}
            axes.plot(values["mae_rgb"], values[f"published_{norm}_rgb"], ".", **look)
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


def cast_made_and_unmade(run: Results) -> Figure:
    """The run's RGB models, each clipped and cast: the paper's, and the L*a*b* network in RGB where the run has it."""
    shown, titles = [rows.RGB], ["Truth"]
    if run.has_pixels(rows.RGB_EQUAL):
        shown.append(rows.RGB_EQUAL)
    tiles = _same_tiles(run, rows.RGB, shown[-1])[: len(shown)]
    for row in shown:
        titles += [f"{short(row)},\nclipped", f"{short(row)},\ncast"]
    floors = zip(*(each.floor for each in tiles), strict=True)
    lines = [
        (truth, *(make(floor) for floor in each for make in (clipped, wrap)))
        for truth, each in zip(tiles[0].truth, floors, strict=True)
    ]
    return picture_figure((WIDTH, 1.5 * len(lines) + 0.5), headed(titles, lines))


@styled
def discriminators(run: Results) -> Figure:
    """Discriminator losses of this run's rows, with the levels of one that answers the same to everything."""
    histories = {row: run.histories[row] for row in _DISCRIMINATORS if row in run.histories}
    if not histories:
        raise NotInRunError("no history of an adversarial phase in this run")
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
    draw_levels(axes, levels, zorder=1)
    axes.set(xlabel="epoch", ylabel="discriminator loss")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(0, max(1.6, axes.get_ylim()[1]))
    axes.legend(fontsize=7.5, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def leak(run: Results) -> Figure:
    """Test tiles by the U-net that was trained on them and by the one that was not."""
    leaking, clean = _same_tiles(run, rows.BASIC_AS_RUN, rows.BASIC_HELD_OUT)
    titles = ("Truth", "Trained on its test tiles", "Trained without them")
    lines = list(zip(leaking.truth, leaking.rounded, clean.rounded, strict=True))
    return picture_figure((0.75 * WIDTH, 1.85 * len(lines) + 0.3), headed(titles, lines))


def _same_tiles(run: Results, first: str, second: str) -> tuple[Predictions, Predictions]:
    """At most three tiles of the first row's showcase that both rows have; `NotInRunError` where there are none."""
    gallery = Gallery.open(run, first)
    pairs = gallery.shared(second)
    if not pairs:
        raise NotInRunError(f"{first} and {second} share no tile")
    chosen = pairs[:: max(1, len(pairs) // _SAMPLES)][:_SAMPLES]
    ours, theirs = zip(*chosen, strict=True)
    return gallery.own.take(ours), gallery.of(second).take(theirs)
