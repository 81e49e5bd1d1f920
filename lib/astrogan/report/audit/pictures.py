"""The audit of the pictures: Figure 7's formula."""

import numpy as np

from astrogan.evaluation import Results
from astrogan.evaluation.metrics.wrapped import clipped
from astrogan.experiments.catalogue import label
from astrogan.report.audit import Item
from astrogan.report.figures.colour import washed_out
from astrogan.report.paper import rows
from astrogan.report.tables.cells import NOT_RUN
from astrogan.report.tables.layout import Line, Part, Value, dash


def display(run: Results) -> Item:
    """The Basic U-net's outputs as they are, and through the preview's formula 0.5 x + 0.5."""
    lines = []
    if run.has_pixels(rows.BASIC):
        predictions = run.predictions(rows.BASIC)
        right = [clipped(floor) for floor in predictions.floor]
        for words, pictures in (("correctly", right), ("as 0.5 x + 0.5", [washed_out(each) for each in right])):
            errors = [np.abs(p.astype(float) - t).mean() for p, t in zip(pictures, predictions.truth, strict=True)]
            level = np.mean([picture.mean() for picture in pictures])
            lines.append(Line((f"Shown {words}",), (Value(float(np.mean(errors))), Value(float(level)))))
        lines.append(Line(("Truth",), (Value(0.0), Value(float(predictions.truth.mean())))))
    else:
        lines.append(Line((label(rows.BASIC),), (dash(NOT_RUN),) * 2))
    return Item(
        "display",
        "Figure 7 shows the Basic U-net failing in brightness on samples different from the data set",
        "Both panels are training previews, drawn by a formula for outputs in [-1, 1] though the network was trained to "
        "[0, 1]",
        "verified",
        (Part(("Basic U-net",), ("MAE", "Mean level"), tuple(lines)),),
        ("0-255 scale, held-out tiles.",),
    )
