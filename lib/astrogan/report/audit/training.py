"""The audit of the training: an idle discriminator, Figure 5's two runs, the U-net's test images, the super-resolvers."""

from itertools import chain
from math import exp, log

from astrogan.base import AstroganError
from astrogan.evaluation import Results
from astrogan.experiments.catalogue import label
from astrogan.report.audit import Item
from astrogan.report.figures.curves import DOUBLE_SIGMOID_PLATEAU
from astrogan.report.paper import rows
from astrogan.report.paper.numbers import Curve, load
from astrogan.report.tables.cells import NOT_RUN, grid
from astrogan.report.tables.layout import Line, Part, Value, dash, text

DOUBLE_SIGMOID_LEAST = log(1 + exp(-1)) + log(2)
"""The least loss of a discriminator whose probability goes through a second sigmoid: 0.313 (real, answered 1) + 0.693
(fake, answered 0) = 1.006. With one sigmoid it is 0."""

_ENDS = ("Epochs", "First", "Least", "Greatest", "Last")
_CURVES = {"generator": "g", "discriminator": "d"}
_SUPERVISED = (rows.SRGAN_SUPERVISED, rows.EDSR_SUPERVISED, rows.WDSR_SUPERVISED)
_ADVERSARIAL = (rows.SRGAN_FINETUNED, rows.EDSR, rows.WDSR)


def discriminator(run: Results) -> Item:
    """The plateau, the least the loss could reach, the paper's curve, and the curves of this run."""
    levels = (
        ("Best constant answer, sigmoid applied twice: 2 ln 2", DOUBLE_SIGMOID_PLATEAU),
        ("Perfect answers, sigmoid applied twice", DOUBLE_SIGMOID_LEAST),
        ("Perfect answers, sigmoid applied once", 0.0),
    )
    reached = tuple(Line((words,), (Value(level, digits=4),)) for words, level in levels)
    history = load().histories[rows.BASIC]
    curves = [Line(("Basic U-net", "paper"), (text(history.rows), *_theirs(history.discriminator)))]
    ours = (rows.BASIC_AS_RUN, rows.BASIC_HELD_OUT, rows.BASIC, rows.RGB, rows.ADVERSARIAL, rows.FINETUNED)
    curves += [_our_curve(run, row, "discriminator") for row in ours]
    return Item(
        "discriminator",
        "The discriminator's loss rises, then settles at a point of stability between two networks",
        "It rises to the loss of a discriminator that answers the same to everything, and stays there",
        "proven",
        (
            Part(("Level",), ("Loss",), reached),
            Part(("Discriminator of", "Source"), _ENDS, tuple(curves), "Curves"),
        ),
        (
            "Losses of real and fake are added in the RGB models and halved in the L*a*b* models, where undecided is ln 2.",
        ),
    )


def figure5(run: Results) -> Item:
    """The lengths and ends of the curves in Figure 5, which match the logs of two models; ours are of one run."""
    lines = []
    for row, drawn in ((rows.RGB, "generator"), (rows.BASIC, "discriminator")):
        found = load().histories[row]
        for network in _CURVES:
            named = f"{label(row)}, {network}" + ", drawn in Figure 5" * (network == drawn)
            lines.append(Line((named, "paper"), (text(found.rows), *_theirs(getattr(found, network)))))
    lines += [_our_curve(run, rows.FINETUNED, network) for network in _CURVES]
    return Item(
        "figure5",
        "Figure 5 shows the generator and the discriminator of one model",
        "The generator's curve is of the RGB model, the discriminator's of the Basic U-net; they differ even in length",
        "proven",
        (Part(("Curve", "Source"), _ENDS, tuple(lines)),),
    )


def leak(run: Results) -> Item:
    """The U-net trained with its test tiles and without, on the same tiles where both hold them."""
    heads = ("Model", "MAE", "RMSE", "L1, wrapped", "Spread of the Laplacian")
    of = (rows.BASIC_AS_RUN, rows.BASIC_HELD_OUT, rows.BASIC, rows.FINETUNED)
    remark = "Without both rows there is no difference to state."
    if run.holds(rows.BASIC_AS_RUN) and run.holds(rows.BASIC_HELD_OUT):
        try:
            found, _ = run.difference(rows.BASIC_AS_RUN, rows.BASIC_HELD_OUT, "mae_rgb")
        except AstroganError as error:
            remark = f"No paired difference: {error}."
        else:
            count = len(run.paired(rows.BASIC_AS_RUN, rows.BASIC_HELD_OUT)[0].tile)
            remark = f"MAE, with its test tiles minus without: {Value(*found[:3]).text()}, paired over {count} tiles."
    return Item(
        "leak",
        "The Basic U-net maps closest to the truth on an example",
        "It was trained on all images, those of the test among them",
        "proven",
        (grid(run, heads, of, ("mae_rgb", "rmse_rgb", "published_l1_rgb", "sharpness")),),
        (
            remark,
            "The first two rows are one network, trained alike but for those tiles; the third follows the paper's text.",
        ),
    )


def sr_adversarial(run: Results) -> Item:
    """Detail in the outputs of each network before and after adversarial training, beside the truth's."""
    heads = ("Model", "Detail", "Detail, truth", "MAE")
    return Item(
        "sr-adversarial",
        "ED-SRGAN and WD-SRGAN were trained adversarially",
        "In the one public example their outputs are as smooth as those of a pixel loss",
        "inferred",
        (
            grid(
                run,
                heads,
                tuple(chain(*zip(_SUPERVISED, _ADVERSARIAL, strict=True))),
                ("sharpness", "truth_sharpness", "mae_rgb"),
            ),
        ),
        ("Detail: standard deviation of the Laplacian of luma, 0-255 scale, mean over tiles.",),
    )


def _theirs(curve: Curve) -> tuple[Value, ...]:
    return tuple(text(value) for value in (curve.first, curve.least, curve.greatest, curve.last))


def _our_curve(run: Results, row: str, network: str) -> Line:
    cells = (dash(NOT_RUN),) * len(_ENDS)
    if row in run.histories:
        losses = [epoch["train"][_CURVES[network]] for epoch in run.histories[row]["epochs"]]
        ends = (losses[0], min(losses), max(losses), losses[-1])
        cells = (text(len(losses)), *(Value(value, digits=4) for value in ends))
    return Line((f"{label(row)}, {network}", "ours"), cells)
