"""The audit of the training: a discriminator that learnt nothing, Figure 5's two runs, and the U-net's test images."""

from math import exp, log
from typing import Any

from astrogan.base import AstroganError
from astrogan.evaluation import Results
from astrogan.experiments.catalogue import label
from astrogan.report.audit.item import Item
from astrogan.report.figures.curves import DOUBLE_SIGMOID_PLATEAU
from astrogan.report.paper import rows
from astrogan.report.paper.numbers import Curve, load
from astrogan.report.tables.cells import NOT_RUN, grid
from astrogan.report.tables.layout import Line, Part, Value, dash, text

DOUBLE_SIGMOID_LEAST = log(1 + exp(-1)) + log(2)
"""The least loss of a discriminator whose probability goes through a second sigmoid: 0.313 (real, answered 1) + 0.693
(fake, answered 0) = 1.006. With one sigmoid it is 0."""


def discriminator(run: Results) -> Item:
    """The plateau, the least the loss could reach, the paper's curve, and the curves of this run."""
    levels = [
        Line(("Best constant answer, sigmoid applied twice: 2 ln 2",), (Value(DOUBLE_SIGMOID_PLATEAU, digits=4),)),
        Line(("Perfect answers, sigmoid applied twice",), (Value(DOUBLE_SIGMOID_LEAST, digits=4),)),
        Line(("Perfect answers, sigmoid applied once",), (Value(0.0, digits=4),)),
    ]
    history = load().histories[rows.BASIC]
    curves = [Line(("Basic U-net", "paper"), (text(history.rows), *_theirs(history.discriminator)))]
    for row in (rows.BASIC_AS_RUN, rows.BASIC_HELD_OUT, rows.BASIC, rows.RGB, rows.ADVERSARIAL, rows.FINETUNED):
        curves.append(_our_curve(run, row, "d"))
    return Item(
        "discriminator",
        "The discriminator's loss rises, then settles at a point of stability between two networks",
        "It rises to the loss of a discriminator that answers the same to everything, and stays there",
        "proven",
        (
            Part(("Level",), ("Loss",), tuple(levels)),
            Part(
                ("Discriminator of", "Source"),
                ("Epochs", "First", "Least", "Greatest", "Last"),
                tuple(curves),
                "Curves",
            ),
        ),
        (
            "Losses of real and fake are added in the RGB models and halved in the L*a*b* models, where undecided is ln 2.",
        ),
    )


def figure5(run: Results) -> Item:
    """The lengths and ends of the curves in Figure 5, which match the logs of two models; ours are of one run."""
    lines = []
    for row, figure in ((rows.RGB, "generator"), (rows.BASIC, "discriminator")):
        found = load().histories[row]
        for part, curve in (("generator", found.generator), ("discriminator", found.discriminator)):
            drawn = part == figure
            named = f"{label(row)}, {part}" + (", drawn in Figure 5" if drawn else "")
            lines.append(Line((named, "paper"), (text(found.rows), *_theirs(curve))))
    lines += [_our_curve(run, rows.FINETUNED, curve) for curve in ("g", "d")]
    return Item(
        "figure5",
        "Figure 5 shows the generator and the discriminator of one model",
        "The generator's curve is of the RGB model, the discriminator's of the Basic U-net; they differ even in length",
        "proven",
        (Part(("Curve", "Source"), ("Epochs", "First", "Least", "Greatest", "Last"), tuple(lines)),),
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
            remark = f"MAE, with its test tiles minus without: {Value(*found).text()}, paired over {count} tiles."
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


def _theirs(curve: Curve) -> tuple[Value, ...]:
    return tuple(text(value) for value in (curve.first, curve.least, curve.greatest, curve.last))


def _our_curve(run: Results, row: str, curve: str) -> Line:
    history: dict[str, Any] | None = run.histories.get(row)
    name = {"g": "generator", "d": "discriminator"}[curve]
    if history is None:
        return Line((f"{label(row)}, {name}", "ours"), (dash(NOT_RUN),) * 5)
    losses = [epoch["train"][curve] for epoch in history["epochs"]]
    numbers = (losses[0], min(losses), max(losses), losses[-1])
    return Line((f"{label(row)}, {name}", "ours"), (text(len(losses)), *(Value(value, digits=4) for value in numbers)))
